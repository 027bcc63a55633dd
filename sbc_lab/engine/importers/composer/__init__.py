"""Composer: its words, its blocks in four notations, and its documents in and out."""
