# A package of the generator's shape with made-up operations. It is parsed, not run.
class Client(OpenApiClient):
    def __init__(self, config: open_api_util_models.Config):
        super().__init__(config)

    def paint_fence_with_options(
        self,
        request: main_models.PaintFenceRequest,
        runtime: RuntimeOptions,
    ) -> main_models.PaintFenceResponse:
        query = {}
        if not DaraCore.is_null(request.fence_id):
            query['FenceID'] = request.fence_id
        body = {}
        if not DaraCore.is_null(request.colors):
            body['Colors'] = request.colors
        req = open_api_util_models.OpenApiRequest(query = Utils.query(query), body = Utils.parse_to_map(body))
        params = open_api_util_models.Params(action = 'PaintFence', version = '2022-01-01', method = 'POST')
        return DaraCore.from_map(main_models.PaintFenceResponse(), self.call_api(params, req, runtime))

    async def paint_fence_with_options_async(self, request: main_models.PaintFenceRequest) -> main_models.PaintFenceResponse:
        pass

    def paint_fence(self, request: main_models.PaintFenceRequest) -> main_models.PaintFenceResponse:
        return self.paint_fence_with_options(request, RuntimeOptions())

    def list_fences_v2with_options(
        self,
        request: main_models.ListFencesRequest,
        runtime: RuntimeOptions,
    ) -> main_models.ListFencesResponse:
        query = Utils.query(request.to_map())
        req = open_api_util_models.OpenApiRequest(query = Utils.query(query))
        params = open_api_util_models.Params(action = 'ListFencesV2', version = '2022-01-01', method = 'GET')
        return DaraCore.from_map(main_models.ListFencesResponse(), self.call_api(params, req, runtime))

    def rest_with_options(self, runtime: RuntimeOptions) -> main_models.RestResponse:
        params = open_api_util_models.Params(action = 'Rest', version = '2022-01-01', method = 'POST')
        return DaraCore.from_map(main_models.RestResponse(), self.call_api(params, None, runtime))
