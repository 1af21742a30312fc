"""The programs' entry points: each reads its arguments and hands over."""
