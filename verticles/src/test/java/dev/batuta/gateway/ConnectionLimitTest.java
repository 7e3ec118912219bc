package dev.batuta.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.codec.Failure.Kind;
import dev.batuta.codec.Refused;
import dev.batuta.gateway.ConnectionLimit.Seat;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ConnectionLimitTest {
  private final ConnectionLimit limit = new ConnectionLimit(2);
  private final List<String> ended = new ArrayList<>();

  @Test
  void whoSaidNothingForLongestGivesWay() {
    come("a").orElseThrow().spoke();
    come("b");

    assertThat(come("c")).isPresent();
    assertThat(come("d")).isPresent();

    assertThat(ended).containsExactly("b", "c");
  }

  @Test
  void whoHasSpokenStaysAndTheNextIsRefused() {
    come("a").orElseThrow().spoke();
    come("b").orElseThrow().spoke();

    assertThat(come("c")).isEmpty();

    assertThat(ended).isEmpty();
  }

  @Test
  void whoIsOneTooManyIsToldHowManyAreInAndWhatToDo() {
    Refused full = limit.full();

    assertThat(full.failure().kind()).isEqualTo(Kind.BUSY);
    assertThat(full.failure().code()).isEqualTo("too-many-connections");
    assertThat(full.failure().retryAfterMillis()).isPositive();
    assertThat(full).hasMessageStartingWith("2 connections are open").hasMessageContaining("again");
  }

  @Test
  void oneThatGaveWayLeavesNoSecondPlaceWhenItIsClosed() {
    Seat a = come("a").orElseThrow();
    come("b").orElseThrow().spoke();
    come("c").orElseThrow().spoke();
    a.left();
    a.left();

    assertThat(come("d")).isEmpty();
    assertThat(ended).containsExactly("a");
  }

  @Test
  void whoLeftMakesRoom() {
    come("a").orElseThrow().spoke();
    Seat b = come("b").orElseThrow();
    b.spoke();
    b.left();

    assertThat(come("c")).isPresent();
    assertThat(ended).isEmpty();
  }

  private Optional<Seat> come(String name) {
    return limit.admit(() -> ended.add(name));
  }
}
