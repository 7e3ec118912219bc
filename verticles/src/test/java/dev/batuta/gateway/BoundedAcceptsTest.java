package dev.batuta.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.UnixOperatingSystemMXBean;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetServer;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Through a real port, whose event loop is busy with something else. */
@EnabledOnOs(OS.LINUX)
class BoundedAcceptsTest {
  /** No more than the smallest queue of a kernel has room for, beside those that are accepted. */
  private static final int CLIENTS = 250;

  /** What else this process opens and closes meanwhile. */
  private static final int OTHER_FILES = 60;

  private final Vertx vertx = Vertx.builder().withTransport(BoundedAccepts.transport()).build();
  private final CountDownLatch busy = new CountDownLatch(1);
  private final List<Socket> clients = new ArrayList<>();
  private int port;

  @BeforeEach
  void listen() throws Exception {
    NetServer server =
        vertx
            .createNetServer()
            .connectHandler(
                client -> {
                  awaitNothingElse();
                  client.write("k");
                });
    port = server.listen(0, "127.0.0.1").await(10, TimeUnit.SECONDS).actualPort();
  }

  @AfterEach
  void close() throws Exception {
    busy.countDown();
    for (Socket each : clients) {
      each.close();
    }
    vertx.close().await(10, TimeUnit.SECONDS);
  }

  private void awaitNothingElse() {
    try {
      busy.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void aBusyEventLoopHoldsAcceptingBackAndNobodyIsLost() throws IOException {
    long before = openFiles();

    for (int i = 0; i < CLIENTS; i++) {
      clients.add(new Socket(InetAddress.getLoopbackAddress(), port));
    }
    Awaitility.await("some are accepted")
        .until(() -> accepted(before) >= BoundedAccepts.MAX_WAITING / 2);
    Awaitility.await("no more are than may wait")
        .during(Duration.ofMillis(500))
        .until(() -> accepted(before) <= BoundedAccepts.MAX_WAITING + OTHER_FILES);

    busy.countDown();
    for (Socket each : clients) {
      each.setSoTimeout(10_000);
      assertThat(each.getInputStream().read()).isEqualTo('k');
    }
    assertThat(accepted(before)).isGreaterThan(CLIENTS - OTHER_FILES);
  }

  private long accepted(long before) {
    return openFiles() - before - clients.size();
  }

  private static long openFiles() {
    return ((UnixOperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
        .getOpenFileDescriptorCount();
  }
}
