"""Every door of the console: method, path, the least role, and what it does.

Tests try each of these rows with every role and every wrong token.
"""

from starlette.routing import Route

from desk.console import (
    account_pages,
    adjust_pages,
    case_pages,
    doorway,
    export_pages,
    habit_pages,
    learn_pages,
    people_pages,
    second_pages,
    statistics_pages,
    talk_pages,
)
from desk.console.accounts import Role
from desk.console.guard import Door

VIEWER, AGENT, APPROVER, ADMIN = Role
TALK = "/console/conversations/{conversation_id}"
CASE = "/console/cases/{return_id}"
PERSON = "/console/staff/{staff_id}"

DOORS = (
    Door("GET", "/console", VIEWER, account_pages.home),
    Door("GET", "/console/conversations", VIEWER, talk_pages.inbox),
    Door("GET", TALK, VIEWER, talk_pages.read),
    Door("GET", TALK + "/after/{seq}", VIEWER, talk_pages.newer, passive=True),
    Door("GET", TALK + "/photos/{upload_id}", AGENT, talk_pages.photo),
    Door("POST", TALK + "/reviewed", AGENT, talk_pages.set_reviewed),
    Door("POST", TALK + "/notes", AGENT, talk_pages.add_note),
    Door("POST", TALK + "/labels", AGENT, talk_pages.set_label),
    Door("POST", TALK + "/unmask", AGENT, talk_pages.unmask),
    Door("POST", TALK + "/claim", AGENT, talk_pages.claim),
    Door("POST", TALK + "/reply", AGENT, talk_pages.reply),
    Door("POST", TALK + "/release", AGENT, talk_pages.release),
    Door("POST", TALK + "/presence", VIEWER, habit_pages.here, passive=True),
    Door("GET", TALK + "/test.yml", AGENT, export_pages.conversation_test),
    Door("POST", "/console/views", VIEWER, habit_pages.save_view),
    Door("POST", "/console/views/{view_id}", VIEWER, habit_pages.remove_view),
    Door("GET", "/console/answers", AGENT, habit_pages.answers),
    Door("POST", "/console/answers", APPROVER, habit_pages.add_answer),
    Door("POST", "/console/answers/{canned_id}", APPROVER, habit_pages.change_answer),
    Door("GET", "/console/export/{what}", VIEWER, export_pages.export),
    Door("GET", "/console/waiting", VIEWER, talk_pages.waiting),
    Door("GET", "/console/badge", VIEWER, talk_pages.badge, passive=True),
    Door("GET", "/console/unsure", VIEWER, learn_pages.unsure),
    Door("POST", "/console/readings/{inbound_id}", AGENT, learn_pages.check),
    Door("GET", "/console/corrections", VIEWER, learn_pages.corrections),
    Door("GET", "/console/corrections.yml", AGENT, learn_pages.export),
    Door("GET", "/console/cases", VIEWER, case_pages.listing),
    Door("GET", CASE, VIEWER, case_pages.case),
    Door("POST", CASE + "/unmask", AGENT, case_pages.unmask),
    Door("POST", CASE + "/reasons", AGENT, case_pages.set_reason),
    Door(
        "POST", CASE + "/deductions", APPROVER, adjust_pages.deduct, takes_picture=True
    ),
    Door("POST", CASE + "/compensations", APPROVER, adjust_pages.compensate),
    Door("GET", "/console/tasks", VIEWER, case_pages.tasks),
    Door("POST", "/console/tasks/{task_id}", AGENT, case_pages.finish),
    Door("GET", "/console/statistics", VIEWER, statistics_pages.page),
    Door("GET", "/console/account", VIEWER, account_pages.account),
    Door("POST", "/console/account/language", VIEWER, account_pages.set_language),
    Door("POST", "/console/account/sessions", VIEWER, account_pages.end_session),
    Door("GET", "/console/password", VIEWER, account_pages.password),
    Door("POST", "/console/password", VIEWER, account_pages.change_password),
    Door("GET", "/console/second-factor", VIEWER, second_pages.show),
    Door("POST", "/console/second-factor", VIEWER, second_pages.take),
    Door("POST", "/console/logout", VIEWER, account_pages.logout),
    Door("GET", "/console/staff", ADMIN, account_pages.staff),
    Door("POST", "/console/staff", ADMIN, account_pages.add_staff),
    Door("POST", PERSON, ADMIN, account_pages.change_staff),
    Door("POST", PERSON + "/second-factor", ADMIN, second_pages.reset),
    Door("GET", "/console/people", ADMIN, people_pages.show),
    Door("POST", "/console/people", ADMIN, people_pages.look),
    Door("POST", "/console/people/export", ADMIN, people_pages.export),
    Door("POST", "/console/people/erase", ADMIN, people_pages.erase),
    Door("GET", "/console/audit", ADMIN, account_pages.log),
)


def routes() -> list[Route]:
    return [*doorway.routes(), *(door.route() for door in DOORS)]
