"""The translation memory and the glossary."""

from datetime import datetime
from typing import Any, ClassVar

import strawberry
from strawberry import UNSET

from resolvers import glossary, translation_files, translations
from resolvers.reads import ToOne
from schema.engine.forms import change, connection, link
from schema.engine.inputs import mirrors
from schema.engine.scalars import Upload
from schema.nodes import Connection, Node, Payload
from schema.rejected_rows import RejectedRow

_TRANSLATION = ToOne(translations.visible, "translation")
_TERM = ToOne(glossary.visible, "glossary_term")


@strawberry.type(description="A text and its translation, with the same placeholders such as {percent} in both.")
class TranslationUnit(Node, read=translations.visible):
    """A text and its translation, with the same placeholders such as {percent} in both."""

    source_language: str
    target_language: str
    market: str = strawberry.field(description="The only country it is for; empty is every one.")
    voice: str = strawberry.field(description="The only brand voice it is for; empty is every one.")
    source: str
    target: str
    created_at: datetime
    updated_at: datetime


@strawberry.type(description="A word and what it has to be in a language.")
class GlossaryTerm(Node, read=glossary.visible):
    """A word and what it has to be in a language."""

    source_language: str
    target_language: str
    term: str
    target: str | None = strawberry.field(description="Null keeps the word as it is.")
    created_at: datetime
    updated_at: datetime


@mirrors(translations.TranslationFilter)
class TranslationFilter:
    """Which translations are wanted."""

    source_language: str | None = UNSET
    target_language: str | None = UNSET
    market: str | None = UNSET
    voice: str | None = UNSET
    search: str | None = UNSET


@mirrors(glossary.GlossaryFilter)
class GlossaryFilter:
    """Which terms are wanted."""

    target_language: str | None = UNSET
    search: str | None = UNSET


@mirrors(translations.TranslationDraft)
class CreateTranslationInput:
    """A text and its translation, as an example (50%) or with placeholders ({percent})."""

    source: str
    target: str = strawberry.field(description="{percent:source} stays as the source writes it.")
    target_language: str
    source_language: str = "en"
    market: str | None = UNSET
    voice: str | None = UNSET


@mirrors(translations.TranslationPatch)
class UpdateTranslationInput:
    """Changes to a translation: what is left out stays."""

    id: strawberry.ID
    target: str | None = UNSET
    market: str | None = UNSET
    voice: str | None = UNSET


@mirrors(glossary.GlossaryDraft)
class CreateGlossaryTermInput:
    """A word and what it has to be; without a target it stays as it is."""

    term: str
    target_language: str
    target: str | None = UNSET
    source_language: str = "en"


@mirrors(glossary.GlossaryPatch)
class UpdateGlossaryTermInput:
    """What a word has to be from now on; null keeps it as it is."""

    id: strawberry.ID
    target: str | None = UNSET


@strawberry.type
class CreateTranslationPayload(Payload):
    """The translation that was made."""

    translation: TranslationUnit | None = link(_TRANSLATION)


@strawberry.type
class UpdateTranslationPayload(Payload):
    """The translation as it is now."""

    translation: TranslationUnit | None = link(_TRANSLATION)


@strawberry.type
class DeleteTranslationPayload(Payload):
    """What was deleted, and when."""

    blank: ClassVar[dict[str, Any]] = {"deleted": False}

    deleted_id: strawberry.ID | None
    deleted: bool
    deleted_at: datetime | None


@strawberry.type
class ImportTranslationsPayload(Payload):
    """How many translations came in, and which lines did not."""

    blank: ClassVar[dict[str, Any]] = {"stored": 0, "rejected": []}

    stored: int
    rejected: list[RejectedRow]


@strawberry.type
class CreateGlossaryTermPayload(Payload):
    """The term that was made."""

    glossary_term: GlossaryTerm | None = link(_TERM)


@strawberry.type
class UpdateGlossaryTermPayload(Payload):
    """The term as it is now."""

    glossary_term: GlossaryTerm | None = link(_TERM)


@strawberry.type
class DeleteGlossaryTermPayload(Payload):
    """What was deleted, and when."""

    blank: ClassVar[dict[str, Any]] = {"deleted": False}

    deleted_id: strawberry.ID | None
    deleted: bool
    deleted_at: datetime | None


@strawberry.type
class TranslationQueries:
    """Reads of the translation memory and the glossary."""

    translations: Connection[TranslationUnit] = connection(
        translations.search, "The translation memory, newest first.", where=TranslationFilter
    )
    glossary_terms: Connection[GlossaryTerm] = connection(
        glossary.search, "The glossary, newest first.", where=GlossaryFilter
    )


@strawberry.type
class TranslationMutations:
    """What can be done with the translation memory and the glossary."""

    create_translation: CreateTranslationPayload = change(translations.create, input=CreateTranslationInput)
    update_translation: UpdateTranslationPayload = change(translations.change, input=UpdateTranslationInput)
    delete_translation: DeleteTranslationPayload = change(translations.delete, id=strawberry.ID)
    import_translations: ImportTranslationsPayload = change(
        translations.import_many,
        translation_files.read_file,
        "Take in the translations of a TMX file, or of CSV: source, target, target_language, and maybe "
        "source_language, market, voice.",
        file=Upload,
    )
    create_glossary_term: CreateGlossaryTermPayload = change(glossary.create, input=CreateGlossaryTermInput)
    update_glossary_term: UpdateGlossaryTermPayload = change(glossary.change, input=UpdateGlossaryTermInput)
    delete_glossary_term: DeleteGlossaryTermPayload = change(glossary.delete, id=strawberry.ID)
