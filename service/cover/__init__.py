"""A county's plan against the key points of its superior, item by item (对照上级要点)."""
