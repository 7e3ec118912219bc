package dev.batuta.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.json.JsonObject;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Two adjacent versions in one cluster: fields are appended, everywhere, and both understand. */
class VersionsTest {
  enum OldColour {
    RED,
    GREEN
  }

  enum NewColour {
    RED,
    GREEN,
    BLUE
  }

  sealed interface Old {}

  @Type(1)
  record OldNote(String text, OldPlace place, List<OldPlace> others, OldColour colour)
      implements Old {}

  @Type(2)
  record OldPlace(int x) {}

  record OldEnvelope(String sender, Old message) {}

  sealed interface New {}

  @Type(1)
  record NewNote(
      String text,
      NewPlace place,
      List<NewPlace> others,
      NewColour colour,
      int priority,
      boolean urgent,
      String author,
      double weight,
      Bytes picture,
      NewColour second,
      NewPlace from,
      List<List<String>> labels,
      @Nullable String reason,
      @Nullable NewPlace to)
      implements New {}

  @Type(2)
  record NewPlace(int x, long y) {}

  @Type(3)
  record NewKind() implements New {}

  record NewEnvelope(String sender, New message, String trace) {}

  private static final Schema OLD_SCHEMA = Schema.of(OldEnvelope.class);
  private static final Schema NEW_SCHEMA = Schema.of(NewEnvelope.class);

  private final PositionalForm oldForm = new PositionalForm(OLD_SCHEMA, Limits.DEFAULT);
  private final PositionalForm newForm = new PositionalForm(NEW_SCHEMA, Limits.DEFAULT);
  private final NamedForm oldNames = new NamedForm(OLD_SCHEMA, Limits.DEFAULT);
  private final NamedForm newNames = new NamedForm(NEW_SCHEMA, Limits.DEFAULT);

  private static final OldEnvelope OLD =
      new OldEnvelope(
          "a", new OldNote("hello", new OldPlace(3), List.of(new OldPlace(4)), OldColour.GREEN));

  /** What a new node makes of {@link #OLD}. */
  private static final NewEnvelope DEFAULTED =
      new NewEnvelope(
          "a",
          new NewNote(
              "hello",
              new NewPlace(3, 0),
              List.of(new NewPlace(4, 0)),
              NewColour.GREEN,
              0,
              false,
              "",
              0.0,
              Bytes.copyOf(new byte[0]),
              NewColour.RED,
              new NewPlace(0, 0),
              List.of(),
              null,
              null),
          "");

  private static final NewNote FULL =
      new NewNote(
          "hello",
          new NewPlace(3, 30),
          List.of(new NewPlace(4, 40)),
          NewColour.GREEN,
          9,
          true,
          "ana",
          1.5,
          Bytes.copyOf(new byte[200]),
          NewColour.BLUE,
          new NewPlace(1, 2),
          List.of(List.of("x", "y"), List.of()),
          "because",
          new NewPlace(5, 6));

  @Test
  void aNewNodeUnderstandsAnOldOne() {
    assertThat(newForm.read(oldForm.encodeRoot(OLD))).isEqualTo(DEFAULTED);
  }

  @Test
  void anOldNodeUnderstandsANewOne() {
    byte[] sent = newForm.encodeRoot(new NewEnvelope("a", FULL, "trace-1"));
    assertThat(oldForm.read(sent)).isEqualTo(OLD);
  }

  @Test
  void anOldNodeRefusesWhatItCannotMeanAndNamesIt() {
    byte[] unknownType = newForm.encodeRoot(new NewEnvelope("a", new NewKind(), ""));
    assertThatThrownBy(() -> oldForm.read(unknownType))
        .isExactlyInstanceOf(MalformedMessage.class)
        .hasMessage("OldEnvelope.message: type 3 is no Old known to this version");
    NewNote blue =
        new NewNote(
            "",
            new NewPlace(0, 0),
            List.of(),
            NewColour.BLUE,
            0,
            false,
            "",
            0,
            FULL.picture(),
            NewColour.RED,
            new NewPlace(0, 0),
            List.of(),
            null,
            null);
    byte[] unknownConstant = newForm.encodeRoot(new NewEnvelope("a", blue, ""));
    assertThatThrownBy(() -> oldForm.read(unknownConstant))
        .isExactlyInstanceOf(MalformedMessage.class)
        .hasMessage(
            "OldNote.colour: constant 2 is unknown to this version, which knows [RED, GREEN]");
  }

  @Test
  void theNamedFormDoesTheSameByName() {
    JsonObject fromOld = new JsonObject(NamedTree.JSON.write(OLD_SCHEMA.root(), OLD));
    fromOld.getJsonObject("message").put("type", "newNote");
    assertThat(newNames.read(fromOld)).isEqualTo(DEFAULTED);

    JsonObject fromNew =
        new JsonObject(
            NamedTree.JSON.write(NEW_SCHEMA.root(), new NewEnvelope("a", FULL, "trace-1")));
    fromNew.getJsonObject("message").put("type", "oldNote");
    assertThat(oldNames.read(fromNew)).isEqualTo(OLD);
    assertThat(oldNames.unpack(TreePack.pack(fromNew.getMap(), Limits.DEFAULT))).isEqualTo(OLD);
  }
}
