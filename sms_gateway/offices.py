"""The office that the settings describe, for every process that needs one."""

from operations.office import Office
from runtime.settings import Settings


def office_of(settings: Settings) -> Office:
    """What verbs need of the settings, as one frozen value."""
    return Office(
        key=settings.secret_key,
        pepper=settings.pepper,
        public_url=settings.public_url,
        short_code=settings.shortcode,
        service_code=settings.service_code,
    )
