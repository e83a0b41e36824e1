"""A graph of a library: nothing any product ever had."""

from __future__ import annotations

from typing import Any

from graphql import GraphQLError, GraphQLResolveInfo, GraphQLSchema, build_schema

from domain.errors import conflict, forbidden, invalid, unavailable

SDL = """
scalar DateTime
scalar Fraction
scalar JSON
scalar Upload
enum Genre { CRIME SCIENCE_FICTION COOKERY }
enum ErrorCode { INVALID REQUIRED NOT_FOUND CONFLICT }
type Member { id: ID! }
type Book {
  id: ID! title: String! genre: Genre! shelves: [Genre!]! lentShare: Fraction weight: Float! printedAt: DateTime
  owner: Member
}
type BookConnection { totalCount: Int! nodes: [Book!]! }
type UserError { code: ErrorCode! message: String! field: String }
input WeightFilter { atLeast: Float }
input BookFilter { genre: Genre weight: WeightFilter lent: Boolean tags: [String!] }
input AuthorInput { name: String! born: Int }
input AddBookInput {
  title: String! genre: Genre ownerId: ID authors: [AuthorInput!] printedAt: DateTime publisher: PublisherInput
  shelves: [Genre!] extra: JSON
}
input PublisherInput { name: String! city: String }
type AddBookPayload { book: Book errors: [UserError!]! }
input ScanInput { file: Upload title: String pages: Int tags: [String!] details: DetailsInput extra: JSON }
input DetailsInput { source: String year: Int }
type ScanPayload { text: String errors: [UserError!]! }
input ShelveInput { title: String! number: ID }
type ShelveBooksPayload { count: Int! errors: [UserError!]! }
input Period { start: DateTime end: DateTime }
type Stock { genre: Genre! share: Fraction! room: String }
type BurnBookPayload { burntId: ID errors: [UserError!]! }
type Query {
  book(id: ID!): Book
  books(where: BookFilter, first: Int!, offset: Int!): BookConnection!
  stock(genre: Genre, printed: Period, tags: [String!], least: Int): [Stock!]!
}
type Mutation {
  addBook(input: AddBookInput!): AddBookPayload! burnBook(id: ID!): BurnBookPayload!
  scan(input: ScanInput!): ScanPayload!
  shelveBooks(books: [ShelveInput!]!): ShelveBooksPayload!
}
"""

BOOK = {
    "id": "book_1",
    "title": "Solaris",
    "genre": "SCIENCE_FICTION",
    "shelves": ["COOKERY", "SCIENCE_FICTION", "CRIME"],
    "lentShare": 0.28,
    "weight": 2.0,
    "printedAt": "1961-06-01T00:00:00Z",
    "owner": {"id": "member_7"},
}
REFUSALS: dict[str, Exception] = {
    "forbidden": forbidden("read:books"),
    "closed": unavailable("The library is closed."),
    "wrong": invalid("offset", "offset is too deep."),
    "broken": RuntimeError("the shelf fell over: secret"),
    "odd": GraphQLError("not of the domain"),
}


class Library:
    """What the resolvers saw and what they are to answer."""

    def __init__(self) -> None:
        self.seen: list[dict[str, Any]] = []
        self.problems: list[dict[str, Any]] = []
        self.total = 45
        self.files: list[Any] = []

    def schema(self) -> GraphQLSchema:
        schema = build_schema(SDL)
        assert schema.query_type
        assert schema.mutation_type
        schema.query_type.fields["book"].resolve = self._book
        schema.query_type.fields["books"].resolve = self._books
        schema.mutation_type.fields["addBook"].resolve = self._add
        schema.mutation_type.fields["burnBook"].resolve = self._burn
        schema.mutation_type.fields["scan"].resolve = self._scan
        schema.query_type.fields["stock"].resolve = self._stock
        schema.mutation_type.fields["shelveBooks"].resolve = self._shelve
        return schema

    async def _book(self, _: object, info: GraphQLResolveInfo, id: str) -> dict[str, Any] | None:
        self.seen.append({"id": id})
        if id in REFUSALS:
            raise REFUSALS[id]
        return BOOK if id == "book_1" else BOOK | {"owner": None, "lentShare": None} if id == "orphan" else None

    def _books(self, _: object, info: GraphQLResolveInfo, **arguments: Any) -> dict[str, Any]:
        self.seen.append(arguments)
        if arguments["offset"] > 1000:
            raise REFUSALS["wrong"]
        return {"totalCount": self.total, "nodes": [BOOK]}

    def _stock(self, _: object, info: GraphQLResolveInfo, **arguments: Any) -> list[dict[str, Any]]:
        self.seen.append(arguments)
        kinds = (("SCIENCE_FICTION", 1 / 3, "A"), ("CRIME", 1.0, None))
        return [{"genre": genre, "share": share, "room": room} for genre, share, room in kinds]

    def _shelve(self, _: object, info: GraphQLResolveInfo, books: list[dict[str, Any]]) -> dict[str, Any]:
        self.seen.append({"books": books})
        return {"count": len(books), "errors": self.problems}

    def _add(self, _: object, info: GraphQLResolveInfo, input: dict[str, Any]) -> dict[str, Any]:
        self.seen.append(input)
        return {"book": None if self.problems else BOOK, "errors": self.problems}

    def _burn(self, _: object, info: GraphQLResolveInfo, id: str) -> dict[str, Any]:
        if id == "holy":
            raise conflict("Not this one.")
        return {"burntId": id, "errors": self.problems}

    def _scan(self, _: object, info: GraphQLResolveInfo, input: dict[str, Any]) -> dict[str, Any]:
        file = input.pop("file", None)
        if file is not None:
            content = file.file.read()
            input.update(name=file.filename, type=file.content_type, bytes=content)
            assert len(content) == file.size
            self.files.append(file.file)
        self.seen.append(input)
        return {"text": "read", "errors": self.problems}
