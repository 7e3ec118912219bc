package dev.batuta.gateway.foreign;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class BorrowedTest {
  private static final Endpoint HOME = new Endpoint("10.0.0.1", 9_001);

  private final Borrowed borrowed = new Borrowed();

  @Test
  void aWorkerKnowsTheHomeThatItsOwnerToldItUntilItIsBack() {
    borrowed.expect("w-1", "server-1");
    borrowed.knowsHome("w-1", "server-1", HOME);
    assertThat(borrowed.home("w-1", "server-1")).contains(HOME);
    assertThat(borrowed.home("w-1", "m2")).as("it belongs to another one now").isEmpty();
    assertThat(borrowed.home("w-2", "server-1")).isEmpty();
    borrowed.forget("w-1");
    assertThat(borrowed.ownerOf("w-1")).isEmpty();
    assertThat(borrowed.home("w-1", "server-1")).isEmpty();
  }

  @Test
  void whatWasHeardLongestAgoMakesRoom() {
    for (int i = 0; i <= Borrowed.MAX; i++) {
      borrowed.expect("w-" + i, "m2");
      borrowed.knowsHome("w-" + i, "m2", HOME);
    }
    assertThat(borrowed.ownerOf("w-0")).isEmpty();
    assertThat(borrowed.home("w-0", "m2")).isEmpty();
    assertThat(borrowed.ownerOf("w-1")).isEqualTo("m2");
    assertThat(borrowed.home("w-1", "m2")).contains(HOME);
  }
}
