package dev.batuta.messaging;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.codec.Failure;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What subscribers get, of three servers. */
class DeliveryTest extends ThreeMessagingServers {
  DeliveryTest(@TempDir Path folder) {
    super(folder);
  }

  @Test
  void aSubscriberGetsEachMessageOnceAndResumesAtAnotherServer() {
    startAll();
    geral("s1");
    awaitEqual();
    List<String> texts = new CopyOnWriteArrayList<>();
    List<String> positions = new CopyOnWriteArrayList<>();
    Feed.Subscription first = subscribe("s1", null, texts, positions);
    publish("s1", "a", "1");
    publish("s2", "b", "2");
    Awaitility.await().atMost(PATIENCE).until(() -> texts.size() == 2);
    first.close();
    publish("s1", "c", "3");
    publish("s3", "d", "4");
    Feed.Subscription second = subscribe("s3", positions.getLast(), texts, positions);
    Awaitility.await().atMost(PATIENCE).until(() -> texts.size() == 4);
    second.pause();
    publish("s3", "e", "5");
    second.resume();
    publish("s2", "f", "6");
    Awaitility.await().atMost(PATIENCE).until(() -> texts.size() == 6);
    assertThat(texts.subList(0, 2)).containsExactly("a", "b");
    assertThat(texts).containsExactlyInAnyOrder("a", "b", "c", "d", "e", "f");
    refused(
        () -> subscribe("s1", "nonsense", texts, positions),
        Failure.Kind.INVALID,
        "position-invalid");
  }

  /** Its author, who knows no better, says it again elsewhere once this server is gone. */
  @Test
  void nobodyIsShownWhatOnlyOneServerHas() {
    startAll();
    geral("s1");
    List<String> texts = new CopyOnWriteArrayList<>();
    List<String> positions = new CopyOnWriteArrayList<>();
    Feed.Subscription alone = subscribe("s1", null, texts, positions);
    stop("s2");
    stop("s3");
    refused(() -> publish("s1", "lost", "one"), Failure.Kind.UNKNOWN, "publish-unknown");
    Feed.Subscription later = subscribe("s1", null, texts, positions);
    refused(() -> publish("s1", "too", "two"), Failure.Kind.UNKNOWN, "publish-unknown");
    assertThat(texts).isEmpty();
    start("s2");
    Awaitility.await().atMost(PATIENCE).until(() -> texts.size() == 4);
    assertThat(texts).containsExactlyInAnyOrder("lost", "too", "lost", "too");
    alone.close();
    later.close();
  }

  /** It could not tell that the op which it has is one of a message that was delivered. */
  @Test
  void whoResumesWhereItsMessagesHaveNotArrivedGetsNoneAgain() {
    startAll();
    geral("s1");
    List<String> texts = new CopyOnWriteArrayList<>();
    List<String> positions = new CopyOnWriteArrayList<>();
    Feed.Subscription before = subscribe("s1", null, texts, positions);
    stop("s3");
    publish("s1", "one", "1");
    Awaitility.await().atMost(PATIENCE).until(() -> texts.contains("one"));
    before.close();
    stop("s1");
    stop("s2");
    start("s3");
    refused(() -> publish("s3", "one", "1"), Failure.Kind.UNKNOWN, "publish-unknown");
    Feed.Subscription after = subscribe("s3", positions.getLast(), texts, positions);
    start("s1");
    publish("s3", "two", "2");
    Awaitility.await().atMost(PATIENCE).until(() -> texts.contains("two"));
    assertThat(texts).containsExactly("one", "two");
    after.close();
  }
}
