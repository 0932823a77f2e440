"""Pages of a collection, by cursor: a new row never shifts what the reader has not seen yet."""

from rest_framework.pagination import CursorPagination


class NewestFirst(CursorPagination):
    """Newest first: identifiers sort by time of creation."""

    ordering = "-id"
    page_size_query_param = "page_size"
    max_page_size = 200
