package dev.batuta.gateway.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.batuta.codec.Failure.Kind;
import dev.batuta.codec.Refused;
import dev.batuta.gateway.AllowedHosts;
import java.net.InetAddress;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WorkerPlaceTest {
  private static final AllowedHosts ALLOWED = new AllowedHosts(List.of("10.1.0.0/16"));

  private static String place(String host, String sender) {
    return WorkerPlace.of(host, 9000, InetAddress.ofLiteral(sender), ALLOWED).hostAddress();
  }

  @ParameterizedTest
  @CsvSource({
    "'', 10.1.2.3, 10.1.2.3",
    "10.1.2.3, 10.1.2.3, 10.1.2.3",
    "10.1.9.9, 10.1.2.3, 10.1.9.9",
    "0.0.0.0, 10.1.2.3, 10.1.2.3",
    "localhost, 10.1.2.3, 10.1.2.3",
    "metadata.internal, 10.1.2.3, 10.1.2.3",
    "127.0.0.1, 127.0.0.1, 127.0.0.1",
    "127.0.0.1, ::1, 127.0.0.1"
  })
  void aWorkerIsWhereItSpeaksFromOrInANetworkThatIsAllowed(
      String host, String sender, String place) {
    assertThat(place(host, sender)).isEqualTo(place);
  }

  @ParameterizedTest
  @CsvSource({
    "127.0.0.1, 10.1.2.3",
    "::1, 10.1.2.3",
    "127.9.9.9, 10.1.2.3",
    "169.254.169.254, 10.1.2.3",
    "192.168.0.1, 10.1.2.3",
    "224.0.0.1, 10.1.2.3",
    "8.8.8.8, 127.0.0.1"
  })
  void anotherAddressIsRefusedByName(String host, String sender) {
    assertThatThrownBy(() -> place(host, sender))
        .isInstanceOfSatisfying(
            Refused.class,
            refused -> assertThat(refused.failure().kind()).isEqualTo(Kind.FORBIDDEN))
        .hasMessageContaining(host);
  }

  @Test
  void noIdMakesANameOfAnotherWorker() {
    assertThat(MemberName.of("W1", "server-1")).isEqualTo("W1@server-1");
    assertThat(MemberName.of("W1@server-2", "server-1")).isEqualTo("W1@server-2@server-1");
    assertThat(MemberName.worker("W1@server-2@server-1")).isEqualTo("W1@server-2");
    assertThat(MemberName.worker("native-1")).isEqualTo("native-1");
    String longName = "s".repeat(64);
    assertThat(MemberName.of("w".repeat(50), longName)).hasSizeLessThanOrEqualTo(64);
    assertThatThrownBy(() -> MemberName.of("w".repeat(60), "server-1"))
        .hasMessageContaining("worker_id has 60 characters");
    assertThatThrownBy(() -> MemberName.of("a\nb", "server-1")).isInstanceOf(Refused.class);
  }
}
