package dev.batuta.gateway.zeromq;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** What waits for clients that do not read is bounded, for each and for all. */
class ConnectionTest {
  private static final int KIB = 1024;
  private static final int MIB = 1024 * KIB;

  private final AtomicLong all = new AtomicLong();

  @Test
  void oneThatReadsNothingIsSentNoMoreThanItsShare() throws IOException {
    Connection slow = connection();
    int sent = send(slow, 64 * KIB, 1_000);
    assertThat(sent * 64 * KIB).isEqualTo(4 * MIB);
    slow.taken(64 * KIB);
    assertThat(send(slow, 64 * KIB, 10)).isEqualTo(1);
  }

  @Test
  void aSingleAnswerMayBeLargerThanThat() throws IOException {
    Connection reader = connection();
    assertThat(send(reader, 8 * MIB, 2)).isEqualTo(1);
  }

  @Test
  void whenAllWaitForMuchTheSlowestGetNoMoreAndOthersAreServed() throws IOException {
    Connection last = connection();
    for (int i = 0; i < 12; i++) {
      last = connection();
      send(last, MIB, 4);
    }
    assertThat(all.get()).isEqualTo(48L * MIB);
    Connection other = connection();
    assertThat(send(other, 16 * KIB, 100)).isEqualTo(4);
    assertThat(send(last, 1, 1)).isZero();
    last.ended();
    assertThat(all.get()).isEqualTo(44L * MIB + 64 * KIB);
    last.taken(MIB);
    assertThat(all.get())
        .as("what an ended one had is given back once")
        .isEqualTo(44L * MIB + 64 * KIB);
  }

  private int send(Connection to, int bytes, int times) {
    int sent = 0;
    while (sent < times && to.mayWait(bytes)) {
      to.waits(bytes);
      sent++;
    }
    return sent;
  }

  private Connection connection() throws IOException {
    try (SocketChannel channel = SocketChannel.open()) {
      return new Connection(channel, "127.0.0.1:1", 1_000, all);
    }
  }
}
