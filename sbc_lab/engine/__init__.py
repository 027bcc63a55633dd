"""The engine: language, arithmetic, labels; it works offline."""
