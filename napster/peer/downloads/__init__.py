"""Downloads: from a wish to a whole, checked file in the downloads folder."""
