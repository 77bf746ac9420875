"""The menu of the coffee shop: its products, their categories, and what an order may ask for."""
