"""Draws figures of stored results. Matplotlib is imported only when a figure is drawn."""
