"""Agents with their manifests, and their policies with every revision."""
