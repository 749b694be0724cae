class PaintFenceRequest(DaraModel):
    def __init__(self, fence_id: str = None, colors: int = None):
        # Which one.
        #
        # This parameter is required.
        self.fence_id = fence_id
        self.colors = colors

    def from_map(self, m: dict = None):
        m = m or dict()
        if m.get('FenceID') is not None:
            self.fence_id = m.get('FenceID')
        if m.get('Colors') is not None:
            self.colors = m.get('Colors')
        return self

class PaintFenceResponse(DaraModel):
    def __init__(self, body: main_models.PaintFenceResponseBody = None):
        self.body = body

    def from_map(self, m: dict = None):
        if m.get('body') is not None:
            self.body = main_models.PaintFenceResponseBody().from_map(m.get('body'))

class PaintFenceResponseBody(DaraModel):
    def __init__(self, request_id: str = None, result: bool = None, code: str = None):
        self.request_id = request_id
        self.result = result
        self.code = code

    def from_map(self, m: dict = None):
        if m.get('RequestId') is not None:
            self.request_id = m.get('RequestId')
        if m.get('Result') is not None:
            self.result = m.get('Result')
        if m.get('Code') is not None:
            self.code = m.get('Code')

class ListFencesRequest(DaraModel):
    def __init__(self, page: int = None):
        self.page = page

    def from_map(self, m: dict = None):
        if m.get('Page') is not None:
            self.page = m.get('Page')

class ListFencesResponse(DaraModel):
    def __init__(self, body: main_models.ListFencesResponseBody = None):
        self.body = body

    def from_map(self, m: dict = None):
        if m.get('body') is not None:
            self.body = main_models.ListFencesResponseBody().from_map(m.get('body'))

class ListFencesResponseBody(DaraModel):
    def __init__(self, result: List[main_models.ListFencesResponseBodyResult] = None):
        self.result = result

    def from_map(self, m: dict = None):
        self.result = []
        if m.get('Result') is not None:
            for k1 in m.get('Result'):
                temp_model = main_models.ListFencesResponseBodyResult()
                self.result.append(temp_model.from_map(k1))

class ListFencesResponseBodyResult(DaraModel):
    def __init__(self, length: float = None, notes: Dict[str, Any] = None):
        self.length = length
        self.notes = notes

    def from_map(self, m: dict = None):
        if m.get('Length') is not None:
            self.length = m.get('Length')
        if m.get('Notes') is not None:
            self.notes = m.get('Notes')

class RestResponse(DaraModel):
    def __init__(self, body: main_models.RestResponseBody = None):
        self.body = body

    def from_map(self, m: dict = None):
        if m.get('body') is not None:
            self.body = main_models.RestResponseBody().from_map(m.get('body'))

class RestResponseBody(DaraModel):
    def __init__(self, request_id: str = None):
        self.request_id = request_id

    def from_map(self, m: dict = None):
        if m.get('RequestId') is not None:
            self.request_id = m.get('RequestId')
