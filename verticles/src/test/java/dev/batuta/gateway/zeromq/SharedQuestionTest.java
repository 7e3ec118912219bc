package dev.batuta.gateway.zeromq;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SharedQuestionTest {
  private final List<Promise<String>> asked = new ArrayList<>();
  private final SharedQuestion<String> question =
      new SharedQuestion<>(
          () -> {
            Promise<String> answer = Promise.promise();
            asked.add(answer);
            return answer.future();
          });

  @Test
  void whoComesWhileOneIsUnderWayIsToldWhatWasAskedAfterThat() {
    Future<String> first = question.answer();
    Future<String> second = question.answer();
    Future<String> third = question.answer();
    assertThat(asked).hasSize(1);

    asked.getFirst().complete("before");
    assertThat(first.result()).isEqualTo("before");
    assertThat(second.isComplete()).isFalse();
    assertThat(asked).hasSize(2);

    asked.get(1).complete("after");
    assertThat(second.result()).isEqualTo("after");
    assertThat(third.result()).isEqualTo("after");
  }

  @Test
  void aFailureIsThatOfThoseWhoAskedForIt() {
    Future<String> first = question.answer();
    Future<String> second = question.answer();
    asked.getFirst().fail("away");
    assertThat(first.failed()).isTrue();
    asked.get(1).complete("back");
    assertThat(second.result()).isEqualTo("back");
  }

  @Test
  void withNobodyUnderWayEachIsAsked() {
    question.answer();
    asked.getFirst().complete("one");
    question.answer();
    assertThat(asked).hasSize(2);
  }

  @Test
  void aQuestionThatCannotEvenBeAskedSilencesNobody() {
    SharedQuestion<String> broken =
        new SharedQuestion<>(
            () -> {
              throw new IllegalStateException("away");
            });
    assertThat(broken.answer().failed()).isTrue();
    assertThat(broken.answer().failed()).isTrue();
  }
}
