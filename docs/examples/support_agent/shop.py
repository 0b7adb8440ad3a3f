"""What the support agent of every framework does: three functions, with type hints and a sentence for the model each."""

__all__ = ["INSTRUCTIONS", "give_credit", "lookup_order", "refund_order"]

INSTRUCTIONS = "You are the support agent of a shop. Look orders up before you refund them."


def lookup_order(order_id: str) -> str:
    """Looks an order up."""
    return f"order {order_id}: one lamp, 400 EUR, delivered"


def refund_order(order_id: str, amount: int) -> str:
    """Refunds an amount of an order, in EUR."""
    return f"refunded {amount} EUR of order {order_id}"


def give_credit(customer: str, amount: int) -> str:
    """Gives a customer credit for the next order, in EUR."""
    return f"{customer} has {amount} EUR of credit"
