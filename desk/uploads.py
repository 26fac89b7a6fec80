"""Pictures over the chat API: any file comes in, only our own JPEG goes out (P6)."""

from collections.abc import AsyncGenerator

import structlog
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from desk import texts, transcript
from desk.problems import Problem
from desk.requests import conversation_of, house_of
from returns.errors import NotFound, PictureRefused, TooManyPictures
from returns.services import uploads
from returns.wiring import House

AT_ONCE = 2  # pictures in memory; others wait in temporary files
ENVELOPE_BYTES = 16 * 1024  # of a multipart body around its one file
MEGABYTE = 1024 * 1024
DAY_SECONDS = 86_400
HEADERS = {
    "Cache-Control": "private, no-store",
    "Content-Disposition": 'attachment; filename="photo.jpg"',
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "X-Content-Type-Options": "nosniff",
}
REFUSALS = {
    "too_large": (413, "Picture too large", "utter_upload_too_large"),
    "heic": (415, "Not a picture", "utter_upload_heic"),
    "other_kind": (415, "Not a picture", "utter_upload_other_kind"),
    "unreadable": (422, "Picture unreadable", "utter_upload_unreadable"),
}

_log = structlog.get_logger()


def routes() -> list[Route]:
    return [
        Route("/chat/uploads", _take, methods=["POST"]),
        Route("/chat/uploads/{upload_id}", _give, methods=["GET"]),
    ]


async def _take(request: Request) -> Response:
    house, conversation_id = house_of(request), await conversation_of(request)
    language = await run_in_threadpool(_language, house, conversation_id)
    try:
        await run_in_threadpool(_check_room, house, conversation_id)
        upload_id = await _kept(request, house, conversation_id)
    except PictureRefused as error:
        _log.info("upload.refused", reason=error.reason)
        status, title, response = REFUSALS[error.reason]
        limit = {"limit": house.shop.limits.upload_megabytes}
        detail = texts.say(house, response, language, limit)
        raise Problem(status, title, detail) from error
    except TooManyPictures as error:
        detail = texts.say(house, "utter_upload_too_many", language)
        wait = {"Retry-After": str(DAY_SECONDS)}
        raise Problem(429, "Too many", detail, wait) from error
    except ClientDisconnect:
        return Response(status_code=400)  # that nobody will read
    return JSONResponse({"upload_id": upload_id}, 201)


async def _give(request: Request) -> Response:
    house, conversation_id = house_of(request), await conversation_of(request)
    upload_id = request.path_params["upload_id"]
    try:
        content = await run_in_threadpool(_own, house, conversation_id, upload_id)
    except NotFound as error:
        raise Problem(404, "No such picture", "There is no such picture.") from error
    return Response(content, media_type=uploads.CONTENT_TYPE, headers=HEADERS)


async def _kept(request: Request, house: House, conversation_id: str) -> str:
    form = await picture_form(request, house.shop.limits.upload_megabytes * MEGABYTE)
    try:
        file = form.get("file")
        if not isinstance(file, UploadFile):
            raise Problem(422, "No file", "Send the picture as a file named `file`.")
        async with request.app.state.redrawing:
            return await run_in_threadpool(
                uploads.keep, house, conversation_id, await file.read()
            )
    finally:
        await form.close()


async def picture_form(
    request: Request, most_bytes: int, fields: int = 4, longest: int = 1024
) -> FormData:
    """The body, in a temporary file once it is long. Raises PictureRefused, Problem.

    longest: bytes of a field that is no file.
    """
    content_type = request.headers.get("content-type", "")
    stream = _at_most(most_bytes + ENVELOPE_BYTES, request)
    parser = _WholeParser(
        request.headers, stream, max_files=1, max_fields=fields, max_part_size=longest
    )
    parser.stream = parser.to_its_end(stream)
    try:
        if not content_type.startswith("multipart/form-data"):
            raise MultiPartException("another content type")
        form = await parser.parse()
    except MultiPartException as error:
        raise Problem(
            422, "Not understood", "Send one picture as multipart/form-data."
        ) from error
    file = form.get("file")
    if isinstance(file, UploadFile) and (file.size or 0) > most_bytes:
        await form.close()
        raise PictureRefused("too_large")
    return form


class _WholeParser(MultiPartParser):
    """Refuses a body that was cut off: its last file would stay open."""

    _ended = False

    def on_end(self) -> None:
        self._ended = True

    async def to_its_end(
        self, stream: AsyncGenerator[bytes, None]
    ) -> AsyncGenerator[bytes, None]:
        async for chunk in stream:
            yield chunk
        if not self._ended:
            raise MultiPartException("cut off")


async def _at_most(most_bytes: int, request: Request) -> AsyncGenerator[bytes, None]:
    """The body's chunks; what is longer is not read to its end."""
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > most_bytes:
        raise PictureRefused("too_large")
    received = 0
    async for chunk in request.stream():
        received += len(chunk)
        if received > most_bytes:
            raise PictureRefused("too_large")
        yield chunk


def _language(house: House, conversation_id: str) -> str:
    with house.reader.connect() as connection:
        conversation = transcript.get_conversation(connection, conversation_id)
        return str(conversation.language)


def _check_room(house: House, conversation_id: str) -> None:
    with house.reader.connect() as connection:
        uploads.check_room(house, connection, conversation_id, house.clock.now())


def _own(house: House, conversation_id: str, upload_id: str) -> bytes:
    """Raises NotFound, also for another conversation's picture."""
    with house.reader.connect() as connection:
        if not uploads.of_conversation(connection, conversation_id, [upload_id]):
            raise NotFound(f"no picture {upload_id}")
    return uploads.content_of(house, upload_id)
