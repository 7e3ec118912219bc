package dev.batuta.node;

import static dev.batuta.node.TestCluster.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.batuta.codec.Refused;
import dev.batuta.gateway.Door;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class GatewayRoleTest {
  private final Refused taken = Refused.unavailable("port-taken", "Port 9001 is taken.");

  private final List<String> story = new ArrayList<>();
  private Future<Void> starting = Future.succeededFuture();

  /** A door that says what becomes of it, and opens when the test lets it. */
  private final class Told implements Door {
    private final String name;
    private final int port;
    private final Promise<Void> opening = Promise.promise();
    private Future<Void> closing = Future.succeededFuture();

    Told(String name, int port) {
      this.name = name;
      this.port = port;
    }

    Told opens() {
      opening.complete();
      return this;
    }

    Told fails() {
      opening.fail(taken);
      return this;
    }

    Told cannotClose() {
      closing = Future.failedFuture("held open");
      return this;
    }

    @Override
    public Future<?> open() {
      story.add("open " + name);
      return opening.future();
    }

    @Override
    public Future<?> close() {
      story.add("close " + name);
      return closing;
    }

    @Override
    public Map<String, Integer> ports() {
      return opening.future().succeeded() ? Map.of(name, port) : Map.of();
    }
  }

  private GatewayRole gateway(List<Door> doors) {
    return new GatewayRole(() -> shared("start"), () -> shared("stop"), doors);
  }

  private Future<?> shared(String what) {
    story.add(what);
    return starting;
  }

  @Test
  void whatDoorsShareStartsBeforeTheFirstAndStopsAfterTheLast() {
    GatewayRole gateway = gateway(List.of(new Told("http", 8080).opens()));
    await(gateway.start());
    await(gateway.stop());

    assertThat(story).containsExactly("start", "open http", "close http", "stop");
  }

  @Test
  void whereWhatDoorsShareDoesNotStartNoDoorOpens() {
    starting = Future.failedFuture(taken);
    GatewayRole gateway = gateway(List.of(new Told("http", 8080).opens()));

    assertThatThrownBy(() -> await(gateway.start())).isSameAs(taken);
    assertThat(story).containsExactly("start", "stop");
  }

  @Test
  void doorsOpenOneAfterTheOtherAndCloseTheOtherWay() {
    Told http = new Told("http", 8080);
    Told ws = new Told("ws", 8765).opens();
    GatewayRole gateway = gateway(List.of(http, ws));

    Future<Void> started = gateway.start();
    assertThat(story).containsExactly("start", "open http");
    http.opens();
    await(started);
    assertThat(story).containsExactly("start", "open http", "open ws");
    story.clear();
    await(gateway.stop());
    assertThat(story).containsExactly("close ws", "close http", "stop");
  }

  @Test
  void whenADoorFailsThoseThatAreOpenAreClosedAndTheOthersNeverOpened() {
    GatewayRole gateway =
        gateway(
            List.of(
                new Told("http", 8080).opens(),
                new Told("ws", 8765).opens(),
                new Told("tcp", 9001).fails(),
                new Told("bridge", 7000).opens()));

    assertThatThrownBy(() -> await(gateway.start())).isSameAs(taken);

    assertThat(story)
        .containsExactly(
            "start", "open http", "open ws", "open tcp", "close ws", "close http", "stop");
  }

  @Test
  void aStopAfterAFailedStartClosesNoDoorTwice() {
    GatewayRole gateway =
        gateway(List.of(new Told("http", 8080).opens(), new Told("tcp", 9001).fails()));
    assertThatThrownBy(() -> await(gateway.start())).isSameAs(taken);

    await(gateway.stop());

    assertThat(story)
        .containsExactly("start", "open http", "open tcp", "close http", "stop", "stop");
  }

  @Test
  void aDoorThatCannotCloseKeepsNoOtherOpen() {
    GatewayRole gateway =
        gateway(
            List.of(
                new Told("http", 8080).opens(),
                new Told("ws", 8765).opens().cannotClose(),
                new Told("tcp", 9001).opens()));
    await(gateway.start());
    story.clear();

    await(gateway.stop());

    assertThat(story).containsExactly("close tcp", "close ws", "close http", "stop");
  }

  @Test
  void thePortsOfAllDoorsAreShownInTheirOrderOnceTheyAreOpen() {
    Told tcp = new Told("tcp", 9001);
    GatewayRole gateway =
        gateway(List.of(new Told("ws", 8765).opens(), tcp, new Told("http", 80).opens()));
    Future<Void> started = gateway.start();
    assertThat(gateway.ports()).doesNotContainKey("tcp");

    tcp.opens();
    await(started);

    assertThat(gateway.ports())
        .containsExactly(Map.entry("ws", 8765), Map.entry("tcp", 9001), Map.entry("http", 80));
  }
}
