"""The format of the system that this lab descends from: its words, its blocks, and its documents in and out."""
