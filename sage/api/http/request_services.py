"""The services of the application a request is for."""

from __future__ import annotations

from typing import Annotated, cast

from fastapi import Depends, Request

from sage.bootstrap import Services


async def opened_services(request: Request) -> Services:
    """Return the services the application opened."""
    return cast("Services", request.app.state.services)


Opened = Annotated[Services, Depends(opened_services)]
