package dev.batuta.bus;

import static dev.batuta.node.TestCluster.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.codec.Done;
import dev.batuta.node.TestCluster;
import dev.batuta.node.TestCluster.TestNode;
import dev.batuta.tracing.CurrentTrace;
import dev.batuta.tracing.TraceContext;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What goes along with a request, without a collector, and what does not. */
class TracedRequestsTest {
  private static final String GIVEN = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  private static final Duration LONG = Duration.ofSeconds(30);

  private final TestCluster cluster = TestCluster.start("asks", "answers");
  private final List<String> answering = new CopyOnWriteArrayList<>();
  private final LinkedBlockingQueue<String> later = new LinkedBlockingQueue<>();
  private HttpServer door;

  @BeforeEach
  void aDoorThatAsksAnotherNode() {
    TestNode other = cluster.node("answers");
    await(
        other
            .bus()
            .serve(
                "answering",
                asked -> {
                  answering.add(here());
                  Timers.of(other.vertx()).next(() -> later.add(here()));
                  Timers.of(other.vertx()).after(1, () -> later.add(here()));
                  return Future.succeededFuture(new Done());
                }));
    await(other.bus().listen("hearing", heard -> later.add(here())));
    TestNode node = cluster.node("asks");
    Vertx vertx = node.vertx();
    door =
        await(
            vertx
                .createHttpServer()
                .requestHandler(
                    request -> {
                      node.bus().send("hearing", new Done());
                      node.bus()
                          .request("answering", new Done(), Done.class, LONG)
                          .onComplete(answered -> request.response().end(here()));
                    })
                .listen(0, "127.0.0.1"));
  }

  @AfterEach
  void close() {
    cluster.close();
  }

  private static String here() {
    return String.valueOf(CurrentTrace.get());
  }

  private String ask(@Nullable String traceparent) throws IOException, InterruptedException {
    var request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + door.actualPort())).timeout(LONG);
    if (traceparent != null) {
      request.header(TraceContext.HEADER, traceparent);
    }
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client.send(request.build(), HttpResponse.BodyHandlers.ofString()).body();
    }
  }

  @Test
  void aTraceGoesToWhoAnswersAndIsThereWhenTheAnswerComes() throws Exception {
    assertThat(ask(GIVEN)).isEqualTo(GIVEN);
    assertThat(answering).containsExactly(GIVEN);
  }

  @Test
  void whatIsDoneLaterOrToldToWhoListensIsForNobodyInParticular() throws Exception {
    ask(GIVEN);
    for (int i = 0; i < 3; i++) {
      assertThat(later.poll(30, TimeUnit.SECONDS)).isEqualTo("null");
    }
  }

  @Test
  void oneThatGivesNoneOrNothingValidIsAnsweredAlike() throws Exception {
    assertThat(ask(null)).isEqualTo("null");
    assertThat(ask("00-xyz")).isEqualTo("null");
    assertThat(answering).containsExactly("null", "null");
  }
}
