"""What this process counts about itself, for Prometheus; never a word of a customer.

Every label has few values, known beforehand: channels, kinds of work, intents, partners
of shop.yml. What is true of the installation as a whole is read from the database when
asked (desk/metrics.py).
"""

from prometheus_client import Counter, Gauge, Histogram

ANSWERED = Histogram(
    "bonretour_answer_seconds",
    "From a customer's message to its answer",
    ["channel"],
    buckets=(0.05, 0.1, 0.2, 0.5, 1, 2, 4, 9, 30, 120, 600),
)
UNDERSTOOD = Counter(
    "bonretour_understood", "Answered messages by what was understood", ["intent"]
)
RASA_FAILED = Counter(
    "bonretour_rasa_failures", "Turns that Rasa or its actions did not answer"
)
RESPONSES = Counter(
    "bonretour_http_responses",
    "Answers of the desk by the status's hundred",
    ["status"],
)
CRASHED = Counter("bonretour_crashes", "Requests that ended in an error of ours")
ATTEMPTS = Counter(
    "bonretour_work_attempts", "Attempts at durable work", ["kind", "outcome"]
)
PARTNER_CALLS = Counter(
    "bonretour_partner_calls",
    "Calls of partners by how they ended",
    ["host", "outcome"],
)
BREAKER_OPEN = Gauge(
    "bonretour_breaker_open", "1 while a partner that failed is left alone", ["host"]
)
