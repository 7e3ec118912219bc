package dev.batuta.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.batuta.codec.Failure;
import dev.batuta.codec.Refused;
import java.net.InetAddress;
import java.util.List;
import org.junit.jupiter.api.Test;

class OriginsTest {
  private static final String HOST = "127.0.0.1:8080";

  @Test
  void pagesThatTheDoorItselfServedAndProgramsThatAreNoBrowsersMay() {
    assertThat(Origins.SAME_HOST.allows("http://127.0.0.1:8080", HOST)).isTrue();
    assertThat(Origins.SAME_HOST.allows("https://Batuta.Example", "batuta.example")).isTrue();
    assertThat(Origins.SAME_HOST.allows(null, HOST)).isTrue();
    assertThat(Origins.SAME_HOST.allows(null, null)).isTrue();
  }

  @Test
  void pagesOfAnotherHostOrPortAndThoseOfNoneMayNot() {
    for (String origin :
        new String[] {
          "http://evil.example",
          "http://127.0.0.1",
          "http://127.0.0.1:80801",
          "http://evil127.0.0.1:8080",
          "http://evil.example/127.0.0.1:8080",
          "null",
          "",
          "file://"
        }) {
      assertThat(Origins.SAME_HOST.allows(origin, HOST)).as(origin).isFalse();
    }
    assertThat(Origins.SAME_HOST.allows("http://127.0.0.1:8080", null)).isFalse();
  }

  @Test
  void listedPagesMayAndNoOthers() {
    Origins origins = new Origins(List.of("https://console.example:8443"));

    assertThat(origins.allows("https://CONSOLE.example:8443", HOST)).isTrue();
    assertThat(origins.allows("http://console.example:8443", HOST)).isFalse();
    assertThat(new Origins(List.of("*")).allows("http://evil.example", HOST)).isTrue();
  }

  @Test
  void onADoorWithoutCredentialsPagesOfThisMachineMayFromThisMachineOnly() {
    InetAddress here = InetAddress.ofLiteral("127.0.0.1");
    InetAddress there = InetAddress.ofLiteral("10.1.2.3");
    for (String page :
        new String[] {
          "http://localhost/", "http://LOCALHOST:3000", "https://127.0.0.1", "http://[::1]:8765"
        }) {
      assertThat(Origins.SAME_HOST.allows(page, "127.0.0.1:8765", here)).as(page).isTrue();
      assertThat(Origins.SAME_HOST.allows(page, "10.1.2.4:8765", there)).as(page).isFalse();
    }
    for (String page :
        new String[] {
          "http://evil.example",
          "http://localhost.evil.example",
          "http://127.0.0.1.evil.example",
          "http://evil.example/localhost",
          "http://localhost@evil.example",
          "null",
          ""
        }) {
      assertThat(Origins.SAME_HOST.allows(page, "127.0.0.1:8765", here)).as(page).isFalse();
    }
    assertThat(Origins.SAME_HOST.allows(null, "127.0.0.1:8765", here)).isTrue();
    assertThat(Origins.SAME_HOST.allows("http://node:8765", "node:8765", there)).isTrue();
  }

  @Test
  void aNameThatWasMadeToLeadHereOpensNothing() {
    InetAddress here = InetAddress.ofLiteral("::1");
    String page = "http://rebound.example:8765";

    assertThat(Origins.SAME_HOST.allows(page, "rebound.example:8765", here)).isFalse();
    assertThat(new Origins(List.of(page)).allows(page, "rebound.example:8765", here)).isTrue();
  }

  @Test
  void aRefusalNamesThePageAndWhatToDo() {
    assertThatThrownBy(() -> Origins.SAME_HOST.check("http://evil.example", HOST))
        .isInstanceOfSatisfying(
            Refused.class,
            refused -> {
              assertThat(refused.failure().kind()).isEqualTo(Failure.Kind.FORBIDDEN);
              assertThat(refused.failure().code()).isEqualTo("foreign-origin");
            })
        .hasMessageContaining("http://evil.example")
        .hasMessageContaining("http.origins");
  }

  @Test
  void whatIsNoOriginIsNamed() {
    assertThatThrownBy(() -> new Origins(List.of("console.example")))
        .hasMessageContaining("\"console.example\"");
  }
}
