"""Problems, next steps and achievements of a report as items, and how they pair (要点)."""
