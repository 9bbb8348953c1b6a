"""A clinic to try everything on: its people, a year of bookings, and a day on which every state can be seen.

Deterministic: a fixed random seed, dates relative to today. Nothing here is used outside the demo and the tests.
"""
