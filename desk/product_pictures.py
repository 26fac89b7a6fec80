"""Product pictures over the chat API: for the conversation that proved the order."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from desk.problems import Problem
from desk.requests import conversation_of, house_of
from desk.uploads import HEADERS
from returns.errors import NotFound
from returns.services import product_pictures, uploads


def routes() -> list[Route]:
    return [Route("/chat/pictures/{name}", _give, methods=["GET"])]


async def _give(request: Request) -> Response:
    house, conversation_id = house_of(request), await conversation_of(request)
    name = request.path_params["name"]
    try:
        content = await run_in_threadpool(
            product_pictures.of_conversation, house, conversation_id, name
        )
    except NotFound as error:
        raise Problem(404, "No such picture", "There is no such picture.") from error
    return Response(content, media_type=uploads.CONTENT_TYPE, headers=HEADERS)
