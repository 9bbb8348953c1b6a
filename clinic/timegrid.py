"""The 5-minute grid: time as integer ticks, free time as integers used as bitsets. Pure: no Django, no zone.

A tick is a UTC epoch second divided by 300. A mask is an int: bit i says something about tick base + i.
"""

TICK = 300
