import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.hazelcast.config.Config;
import com.password4j.Password;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.handler.BodyHandler;
import io.vertx.ext.web.handler.sockjs.SockJSHandler;
import io.vertx.micrometer.MicrometerMetricsFactory;
import io.vertx.micrometer.MicrometerMetricsOptions;
import io.vertx.mysqlclient.MySQLBuilder;
import io.vertx.mysqlclient.MySQLConnectOptions;
import io.vertx.spi.cluster.hazelcast.HazelcastClusterManager;
import java.sql.DriverManager;
import java.util.concurrent.TimeUnit;
import org.msgpack.core.MessagePack;
import org.slf4j.LoggerFactory;
import org.zeromq.SocketType;
import org.zeromq.ZContext;
import picocli.CommandLine;

/**
 * Uses the libraries a little, as a node does, so that the JVM lists the classes which that takes.
 * It knows nothing of Batuta: the archive of those classes changes with the libraries only.
 */
class Training {
  void main() {
    try {
      use();
    } catch (Exception why) {
      why.printStackTrace();
      System.exit(1); // else threads of the libraries would go on, and the build with them
    }
  }

  private static void use() throws Exception {
    new CommandLine(CommandLine.Model.CommandSpec.create()).parseArgs();
    new YAMLMapper().readTree("a: {b: [1, true, x]}");
    new ObjectMapper().readTree("{\"a\": [1.5, null]}");
    Password.check("word", Password.hash("word").withArgon2().getResult()).withArgon2();
    try (var packer = MessagePack.newDefaultBufferPacker()) {
      packer.packMapHeader(1).packString("a").packLong(1);
      MessagePack.newDefaultUnpacker(packer.toByteArray()).unpackValue();
    }
    try (var file = DriverManager.getConnection("jdbc:sqlite::memory:");
        var statement = file.createStatement()) {
      statement.execute("CREATE TABLE t (a INTEGER PRIMARY KEY, b BLOB)");
    }
    try (var sockets = new ZContext()) {
      int port = sockets.createSocket(SocketType.REP).bindToRandomPort("tcp://127.0.0.1");
      sockets.createSocket(SocketType.REQ).connect("tcp://127.0.0.1:" + port);
    }
    var metrics = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    Vertx vertx = got(clustered(metrics));
    serve(vertx);
    metrics.scrape();
    got(vertx.close());
    LoggerFactory.getLogger("training").atInfo().addKeyValue("libraries", "used").log("trained");
  }

  private static Future<Vertx> clustered(PrometheusMeterRegistry metrics) {
    var config = new Config();
    config.setProperty("hazelcast.phone.home.enabled", "false");
    config.setProperty("hazelcast.logging.type", "slf4j");
    config.getNetworkConfig().getInterfaces().setEnabled(true).addInterface("127.0.0.1");
    config.getNetworkConfig().getJoin().getAutoDetectionConfig().setEnabled(false);
    config.getNetworkConfig().getJoin().getMulticastConfig().setEnabled(false);
    config.getNetworkConfig().getJoin().getTcpIpConfig().setEnabled(true);
    var options = new VertxOptions().setMetricsOptions(new MicrometerMetricsOptions().setEnabled(true));
    options.getEventBusOptions().setHost("127.0.0.1");
    return Vertx.builder()
        .with(options)
        .withMetrics(new MicrometerMetricsFactory(metrics))
        .withClusterManager(new HazelcastClusterManager(config))
        .buildClustered();
  }

  private static void serve(Vertx vertx) throws Exception {
    var bus = vertx.eventBus();
    got(bus.<JsonObject>consumer("here", message -> message.reply(message.body())).completion());
    got(bus.request("here", new JsonObject().put("a", 1)));

    var router = Router.router(vertx);
    router.route().handler(BodyHandler.create(false));
    router.route("/eventbus*").subRouter(SockJSHandler.create(vertx).socketHandler(socket -> {}));
    router.post("/").handler(context -> context.json(context.body().asJsonObject()));
    HttpServer server =
        got(vertx.createHttpServer().requestHandler(router).listen(0, "127.0.0.1"));
    var client = vertx.createHttpClient();
    got(
        client
            .request(HttpMethod.POST, server.actualPort(), "127.0.0.1", "/")
            .compose(request -> request.send("{}"))
            .compose(answer -> answer.body()));
    got(
        vertx
            .createWebSocketClient()
            .connect(server.actualPort(), "127.0.0.1", "/eventbus/websocket")
            .compose(socket -> socket.close()));

    // What it is told is no handshake of a database.
    var nowhere = new MySQLConnectOptions().setHost("127.0.0.1").setPort(server.actualPort());
    var pool = MySQLBuilder.pool().connectingTo(nowhere).using(vertx).build();
    var asked = pool.query("SELECT 1").execute().otherwiseEmpty();
    got(client.close());
    got(server.close());
    got(asked);
  }

  /** Bounded for a machine that is slow, as an emulated one is. */
  private static <T> T got(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(5, TimeUnit.MINUTES);
  }
}
