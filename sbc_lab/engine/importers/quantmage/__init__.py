"""QuantMage: its words, its incantations and conditions, and its documents in and out."""
