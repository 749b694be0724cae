import com.aliyun.tea.TeaException;
import com.aliyun.teaopenapi.models.Config;
import com.aliyun.teaopenapi.models.OpenApiRequest;
import com.aliyun.teaopenapi.models.Params;
import com.aliyun.teautil.models.RuntimeOptions;
import com.aliyuncs.CommonRequest;
import com.aliyuncs.DefaultAcsClient;
import com.aliyuncs.exceptions.ClientException;
import com.aliyuncs.http.MethodType;
import com.aliyuncs.http.ProtocolType;
import com.aliyuncs.profile.DefaultProfile;
import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonElement;
import com.google.gson.JsonParser;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;

/**
 * Calls the emulator with the official Java clients, as the story in Go says.
 *
 * <p>Usage: java -cp 'lib/*' Witness.java tea-openapi|sdk-core
 *
 * <p>Lines of JSON come in and go out, as ../witness_test.go describes.
 */
public class Witness {
    static final String API_VERSION = "2022-01-01";
    static final Gson GSON = new GsonBuilder().disableHtmlEscaping().serializeNulls().create();

    /** A line that comes in. */
    static class Order {
        String endpoint, id, secret;
        String action, method;
        Map<String, String> query, body;
    }

    /** A client that is ready to call. */
    interface Client {
        Object call(Order order) throws Exception;
    }

    /** com.aliyun:tea-openapi, signature V3. */
    static Client teaOpenapi(Order key) throws Exception {
        com.aliyun.teaopenapi.Client client = new com.aliyun.teaopenapi.Client(new Config()
            .setAccessKeyId(key.id).setAccessKeySecret(key.secret).setEndpoint(key.endpoint).setProtocol("http"));
        return order -> {
            Params params = new Params()
                .setAction(order.action).setVersion(API_VERSION).setProtocol("http").setPathname("/").setMethod(order.method)
                .setAuthType("AK").setStyle("RPC").setReqBodyType("formData").setBodyType("json");
            OpenApiRequest request = new OpenApiRequest().setQuery(order.query);
            if (!order.body.isEmpty()) {
                request.setBody(order.body);
            }
            return client.callApi(params, request, new RuntimeOptions().setAutoretry(false)).get("body");
        };
    }

    /** com.aliyun:aliyun-java-sdk-core, signature V1. */
    static Client sdkCore(Order key) {
        DefaultAcsClient client = new DefaultAcsClient(DefaultProfile.getProfile("cn-hangzhou", key.id, key.secret));
        return order -> {
            CommonRequest request = new CommonRequest();
            request.setSysDomain(key.endpoint);
            request.setSysProtocol(ProtocolType.HTTP);
            request.setSysVersion(API_VERSION);
            request.setSysAction(order.action);
            request.setSysMethod(MethodType.valueOf(order.method));
            order.query.forEach(request::putQueryParameter);
            order.body.forEach(request::putBodyParameter);
            JsonElement answer = JsonParser.parseString(client.getCommonResponse(request).getData());
            return answer;
        };
    }

    /** The version that Maven has written into the client's jar. */
    static String version(String artifact) throws IOException {
        try (InputStream in = Witness.class.getClassLoader().getResourceAsStream("META-INF/maven/com.aliyun/" + artifact + "/pom.properties")) {
            Properties properties = new Properties();
            properties.load(in);
            return properties.getProperty("version");
        }
    }

    public static void main(String[] args) throws Exception {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        System.setOut(System.err); // what the clients print is not a reply
        boolean tea = args[0].equals("tea-openapi");
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        Client client = null;
        for (String line; (line = in.readLine()) != null;) {
            Order order = GSON.fromJson(line, Order.class);
            Map<String, Object> reply = new LinkedHashMap<>();
            try {
                if (order.endpoint != null) {
                    client = tea ? teaOpenapi(order) : sdkCore(order);
                    reply.put("version", version(tea ? "tea-openapi" : "aliyun-java-sdk-core"));
                } else {
                    reply.put("answer", client.call(order));
                }
            } catch (TeaException e) {
                reply.put("code", e.getCode());
                reply.put("message", e.getMessage());
            } catch (ClientException e) {
                reply.put("code", e.getErrCode());
                reply.put("message", e.getMessage());
            } catch (Exception e) {
                reply.put("failure", e.toString());
            }
            out.println(GSON.toJson(reply));
        }
    }
}
