"""The index daemon: who is online, who shares what, and who may talk to whom."""
