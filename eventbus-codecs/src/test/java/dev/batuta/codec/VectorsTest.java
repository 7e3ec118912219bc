package dev.batuta.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The files with which programs in other languages check themselves. After a change that is meant,
 * {@code ./mvnw -pl eventbus-codecs test -Dtest=VectorsTest -Dvectors.write=true} writes them anew.
 */
class VectorsTest {
  private static final Path FOLDER = Path.of("src/test/resources/vectors");
  private static final Path CHECK = Path.of("src/test/python/check_vectors.py");

  private static final TreeMap<String, byte[]> FILES = new TreeMap<>();

  @BeforeAll
  static void makeThem() throws IOException {
    Samples.all()
        .forEach(
            (name, envelope) -> {
              NamedForm named = NamedForm.shared();
              String json = named.toJson(envelope).encodePrettily() + "\n";
              FILES.put(name + ".json", json.getBytes(StandardCharsets.UTF_8));
              FILES.put(name + ".msgpack", named.toMessagePack(envelope));
              FILES.put(name + ".positional.msgpack", PositionalForm.shared().encodeRoot(envelope));
            });
    if (Boolean.getBoolean("vectors.write")) {
      write();
    }
  }

  @Test
  void theFormsOfEveryMessageAreThoseOfTheVectors() throws IOException {
    assertThat(present())
        .as("one of each message; run with -Dvectors.write=true")
        .isEqualTo(FILES.navigableKeySet());
    FILES.forEach(
        (name, bytes) ->
            assertThat(read(name))
                .as("%s; if the change is meant, run with -Dvectors.write=true", name)
                .isEqualTo(bytes));
  }

  @Test
  void everyVectorIsReadAsItsMessage() {
    Samples.all()
        .forEach(
            (name, envelope) -> {
              NamedForm named = NamedForm.shared();
              Buffer json = Buffer.buffer(read(name + ".json"));
              assertThat(named.fromJson(json)).as(name).isEqualTo(envelope);
              assertThat(named.fromMessagePack(read(name + ".msgpack"))).isEqualTo(envelope);
              assertThat(PositionalForm.shared().decode(read(name + ".positional.msgpack")))
                  .isEqualTo(envelope);
            });
  }

  @Test
  void aPythonProgramReadsThemAlike() throws IOException, InterruptedException {
    assumeTrue(onPath("python3"), "python3 is not on the path");
    Process check =
        new ProcessBuilder("python3", CHECK.toString(), FOLDER.toString())
            .redirectErrorStream(true)
            .start();
    String said = new String(check.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(check.waitFor()).as(said).isZero();
    assertThat(said).contains(Samples.all().size() + " vectors agree");
  }

  private static boolean onPath(String program) {
    return Stream.of(System.getenv().getOrDefault("PATH", "").split(":", -1))
        .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
  }

  private static SortedSet<String> present() throws IOException {
    try (Stream<Path> files = Files.list(FOLDER)) {
      TreeSet<String> names = new TreeSet<>();
      files.map(file -> file.getFileName().toString()).forEach(names::add);
      names.remove("README.md");
      return names;
    }
  }

  private static byte[] read(String name) {
    try {
      return Files.readAllBytes(FOLDER.resolve(name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void write() throws IOException {
    Files.createDirectories(FOLDER);
    for (String old : present()) {
      Files.delete(FOLDER.resolve(old));
    }
    for (Map.Entry<String, byte[]> file : FILES.entrySet()) {
      Files.write(FOLDER.resolve(file.getKey()), file.getValue());
    }
  }
}
