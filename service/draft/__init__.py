"""Drafts: from structured input to a problems section, a plan or a whole report (起草)."""
