"""The link to the index: logged in for ever, everything shared told, every question answered."""
