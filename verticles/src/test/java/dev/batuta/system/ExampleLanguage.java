package dev.batuta.system;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A language of {@code test-plans/clients}. Libraries and programs come below {@code
 * target/clients}, and are there for the next run; nothing is written among the sources.
 */
enum ExampleLanguage {
  PYTHON {
    @Override
    void fetch() throws Missing {
      if (isNew("requirements.txt")) {
        get(
            "python3",
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--upgrade",
            "--target",
            packages().toString(),
            "--requirement",
            "requirements.txt");
        remember("requirements.txt");
      }
    }

    @Override
    ProcessBuilder program(String name) {
      ProcessBuilder program =
          new ProcessBuilder("python3", sources().resolve(name + ".py").toString());
      program
          .environment()
          .putAll(Map.of("PYTHONPATH", packages().toString(), "PYTHONDONTWRITEBYTECODE", "1"));
      return program;
    }

    private Path packages() {
      return built().resolve("packages");
    }
  },

  JAVASCRIPT {
    @Override
    void fetch() throws Missing {
      copy("package.json", "package-lock.json", "worker.js", "chat.js");
      if (isNew("package-lock.json")) {
        get(
            "npm",
            "ci",
            "--prefix",
            built().toString(),
            "--no-audit",
            "--no-fund",
            "--loglevel=error");
        remember("package-lock.json");
      }
    }

    @Override
    ProcessBuilder program(String name) {
      return new ProcessBuilder("node", built().resolve(name + ".js").toString());
    }
  },

  GO {
    @Override
    void fetch() throws Missing {
      get("go", "mod", "download");
    }

    @Override
    void build() {
      compile("go", "build", "-o", built() + "/", "./...");
    }

    @Override
    ProcessBuilder program(String name) {
      return new ProcessBuilder(built().resolve(name).toString());
    }
  },

  RUST {
    @Override
    void fetch() throws Missing {
      get("cargo", "fetch", "--quiet", "--locked");
    }

    @Override
    void build() {
      compile(
          "cargo", "build", "--quiet", "--offline", "--locked", "--target-dir", built().toString());
    }

    @Override
    ProcessBuilder program(String name) {
      return new ProcessBuilder(built().resolve("debug").resolve(name).toString());
    }
  };

  private static final Path CLIENTS = RealCluster.HOME.resolve("test-plans/clients");
  private static final int FETCHED_WITHIN_MINUTES = 2;
  private static final int BUILT_WITHIN_MINUTES = 5;

  /** This machine lacks what the language needs; says what. */
  static final class Missing extends Exception {
    private static final long serialVersionUID = 1;

    Missing(String why) {
      super(why);
    }
  }

  private record Ended(@Nullable Integer exit, String said) {
    boolean succeeded() {
      return exit != null && exit == 0;
    }
  }

  /** Gets the libraries of the lock file, unless they are there. */
  abstract void fetch() throws Missing;

  /** Compiles, where the language does. */
  void build() {}

  /** A program, such as {@code worker}, without its arguments. */
  abstract ProcessBuilder program(String name);

  /** As it stands in names. */
  String lowerCase() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Makes both programs ready to run. */
  void prepare() throws Missing {
    try {
      Files.createDirectories(built());
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
    fetch();
    build();
  }

  Path sources() {
    return CLIENTS.resolve(lowerCase());
  }

  Path built() {
    return Path.of("target", "clients", lowerCase()).toAbsolutePath();
  }

  void copy(String... files) {
    try {
      for (String file : files) {
        Files.copy(
            sources().resolve(file), built().resolve(file), StandardCopyOption.REPLACE_EXISTING);
      }
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }

  /** Whether a lock file is another one than that of the libraries that are there. */
  boolean isNew(String lockFile) {
    try {
      return Files.notExists(fetched())
          || Files.mismatch(fetched(), sources().resolve(lockFile)) >= 0;
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }

  void remember(String lockFile) {
    try {
      Files.copy(sources().resolve(lockFile), fetched(), StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }

  private Path fetched() {
    return built().resolve("fetched");
  }

  /** Runs what may fail where a tool or the network is missing. */
  void get(String... command) throws Missing {
    Ended ended;
    try {
      ended = run(FETCHED_WITHIN_MINUTES, command);
    } catch (IOException absent) {
      throw new Missing("%s is not run: %s".formatted(lowerCase(), absent.getMessage()));
    }
    if (!ended.succeeded()) {
      throw new Missing(
          "%s is not run, as its libraries cannot be had: %s: %s"
              .formatted(lowerCase(), String.join(" ", command), ended.said()));
    }
  }

  /** Runs what fails only where an example is wrong. */
  void compile(String... command) {
    try {
      Ended ended = run(BUILT_WITHIN_MINUTES, command);
      if (!ended.succeeded()) {
        throw new AssertionError(String.join(" ", command) + ": " + ended.said());
      }
    } catch (IOException absent) {
      throw new UncheckedIOException(absent);
    }
  }

  /** In the folder of the sources. */
  private Ended run(int minutes, String... command) throws IOException {
    Path log = built().resolve("log");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(sources().toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    builder.environment().put("GOTOOLCHAIN", "local"); // no other one is fetched
    Process process = builder.start();
    try {
      boolean over = process.waitFor(minutes, TimeUnit.MINUTES);
      if (!over) {
        process.destroyForcibly();
        return new Ended(null, "not done within " + minutes + " minutes");
      }
    } catch (InterruptedException stopped) {
      throw new AssertionError(stopped);
    }
    return new Ended(process.exitValue(), Files.readString(log).strip());
  }
}
