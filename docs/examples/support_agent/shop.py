"""What the support agent of every framework does: three functions, with type hints and a sentence for the model each."""

from textwrap import wrap

from hexgate.core.gate.approvals import Action

__all__ = ["INSTRUCTIONS", "ask_a_person", "give_credit", "lookup_order", "refund_order", "say"]

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


def ask_a_person(action: Action, _: None) -> bool:
    """Shows a person what is asked for; here the person always agrees."""
    say(f"a person is asked: {action.tool_name} {dict(action.arguments)} for {action.user_id}? yes")
    return True


def say(text: str) -> None:
    """One thing that happened, on as many lines of a terminal as it takes."""
    for line in wrap(text, 76, subsequent_indent="  "):
        print(f"  {line}")
