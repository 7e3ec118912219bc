package dev.batuta.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class JoinAddressesTest {
  private static final Optional<String> ANY = Optional.empty();

  @Test
  void aNameStandsForAllItsAddressesAndAnAddressForItself() {
    var join =
        new JoinAddresses(
            List.of("servers:5701", "10.0.0.9:5702", "[fd00::9]:5703"),
            ANY,
            host -> List.of("10.0.0.1", "10.0.0.2", "fd00::1"));

    assertThat(join.getMembers())
        .containsExactly(
            "10.0.0.1:5701", "10.0.0.2:5701", "[fd00::1]:5701", "10.0.0.9:5702", "[fd00::9]:5703");
  }

  @Test
  void aNameIsLookedUpEachTime() {
    var now = new AtomicReference<>(List.of("10.0.0.1"));
    var join =
        new JoinAddresses(List.of("servers:5701"), ANY, host -> Objects.requireNonNull(now.get()));
    assertThat(join.getMembers()).containsExactly("10.0.0.1:5701");

    now.set(List.of("10.0.0.7"));
    assertThat(join.getMembers()).containsExactly("10.0.0.7:5701");

    now.set(List.of());
    assertThat(join.getMembers()).isEmpty();
  }

  /** What is published with it or before it is seen then, so not all begin a cluster each. */
  @Test
  void aNodeThatIsListedItselfWaitsUntilItIsPublished() {
    Queue<List<String>> published =
        new ArrayDeque<>(
            List.of(List.of(), List.of("10.0.0.1"), List.of("10.0.0.1", "10.0.0.2", "10.0.0.3")));
    var join =
        new JoinAddresses(
            List.of("servers:5701"),
            Optional.of("10.0.0.2"),
            host -> published.size() > 1 ? published.remove() : published.element());

    assertThat(join.getMembers())
        .containsExactly("10.0.0.1:5701", "10.0.0.2:5701", "10.0.0.3:5701");
  }

  @Test
  void anotherOneWaitsForAnybody() {
    Queue<List<String>> published =
        new ArrayDeque<>(List.of(List.of(), List.of(), List.of("10.0.0.1")));
    var join =
        new JoinAddresses(
            List.of("servers:5701"),
            ANY,
            host -> published.size() > 1 ? published.remove() : published.element());

    assertThat(join.getMembers()).containsExactly("10.0.0.1:5701");
  }

  @Test
  void withoutNamesNobodyIsWaitedFor() {
    var join =
        new JoinAddresses(
            List.of("10.0.0.1:5701"),
            Optional.of("10.0.0.2"),
            host -> {
              throw new AssertionError(host + " is no name");
            });

    assertThat(join.getMembers()).containsExactly("10.0.0.1:5701");
  }
}
