package dev.batuta;

import com.sun.source.tree.AnnotatedTypeTree;
import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.ExpressionTree;
import com.sun.source.tree.IdentifierTree;
import com.sun.source.tree.LiteralTree;
import com.sun.source.tree.MemberSelectTree;
import com.sun.source.tree.MethodInvocationTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.NewClassTree;
import com.sun.source.tree.ParameterizedTypeTree;
import com.sun.source.tree.Tree;
import com.sun.source.tree.VariableTree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreeScanner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import javax.lang.model.element.Modifier;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;

/**
 * The codes of errors that the main sources make. A maker is whatever declares a parameter {@code
 * String code}: a method, a constructor, a record; a code is every text that stands there in a
 * call, as a literal, a constant or one of the two of a condition.
 */
final class MadeCodes {
  private static final List<Path> SOURCES =
      List.of(Path.of("src/main/java"), Path.of("../eventbus-codecs/src/main/java"));

  /** Name of a maker, to where among its parameters the code may stand. */
  private final Map<String, Set<Integer>> makers = new HashMap<>();

  /** Name of a constant, and file that has it, to its texts. */
  private final Map<String, Map<String, Set<String>>> constants = new HashMap<>();

  private final Map<String, Set<String>> made = new TreeMap<>();

  private MadeCodes() {}

  /** Each with the files that make it. */
  static Map<String, Set<String>> ofMainSources() throws IOException {
    MadeCodes codes = new MadeCodes();
    List<CompilationUnitTree> files = parsed();
    files.forEach(
        file -> file.accept(codes.new Declarations(file.getSourceFile().getName()), null));
    files.forEach(file -> file.accept(codes.new Calls(), file.getSourceFile().getName()));
    return codes.made;
  }

  private static List<CompilationUnitTree> parsed() throws IOException {
    List<Path> paths = new ArrayList<>();
    for (Path root : SOURCES) {
      try (Stream<Path> files = Files.walk(root)) {
        files.filter(file -> file.toString().endsWith(".java")).forEach(paths::add);
      }
    }
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    try (var manager = compiler.getStandardFileManager(null, null, null)) {
      var sources = manager.getJavaFileObjectsFromPaths(paths);
      JavacTask task =
          (JavacTask) compiler.getTask(null, manager, null, List.of("-proc:none"), null, sources);
      List<CompilationUnitTree> files = new ArrayList<>();
      task.parse().forEach(files::add);
      return files;
    }
  }

  /** What makes codes, and the constants that may stand for one. */
  private final class Declarations extends TreeScanner<@Nullable Void, @Nullable String> {
    private final String file;

    Declarations(String file) {
      this.file = file;
    }

    @Override
    public @Nullable Void visitClass(ClassTree type, @Nullable String outer) {
      String name = type.getSimpleName().toString();
      if (type.getKind() == Tree.Kind.RECORD) {
        note(name, type.getMembers().stream().filter(MadeCodes::isComponent).toList());
      }
      return super.visitClass(type, name);
    }

    @Override
    public @Nullable Void visitMethod(MethodTree method, @Nullable String type) {
      String name = method.getName().toString();
      note(name.equals("<init>") ? String.valueOf(type) : name, method.getParameters());
      return super.visitMethod(method, type);
    }

    @Override
    public @Nullable Void visitVariable(VariableTree variable, @Nullable String type) {
      if (variable.getInitializer() instanceof LiteralTree text
          && text.getValue() instanceof String value) {
        constants
            .computeIfAbsent(variable.getName().toString(), none -> new HashMap<>())
            .computeIfAbsent(file, none -> new HashSet<>())
            .add(value);
      }
      return super.visitVariable(variable, type);
    }

    private void note(String maker, List<? extends Tree> parameters) {
      for (int i = 0; i < parameters.size(); i++) {
        if (parameters.get(i) instanceof VariableTree each
            && each.getName().contentEquals("code")
            && String.valueOf(each.getType()).equals("String")) {
          makers.computeIfAbsent(maker, none -> new HashSet<>()).add(i);
        }
      }
    }
  }

  private static boolean isComponent(Tree member) {
    return member instanceof VariableTree field
        && !field.getModifiers().getFlags().contains(Modifier.STATIC);
  }

  /** What the makers are given; {@code put("code", ..)} makes one, too. */
  private final class Calls extends TreeScanner<@Nullable Void, String> {
    @Override
    public @Nullable Void visitMethodInvocation(MethodInvocationTree call, String file) {
      List<? extends ExpressionTree> given = call.getArguments();
      String name = name(call.getMethodSelect());
      take(name, given, file);
      if (name.equals("put")
          && given.size() == 2
          && given.getFirst().toString().equals("\"code\"")) {
        texts(given.getLast(), file);
      }
      return super.visitMethodInvocation(call, file);
    }

    @Override
    public @Nullable Void visitNewClass(NewClassTree call, String file) {
      take(name(call.getIdentifier()), call.getArguments(), file);
      return super.visitNewClass(call, file);
    }

    private void take(String maker, List<? extends ExpressionTree> given, String file) {
      for (int place : makers.getOrDefault(maker, Set.of())) {
        if (place < given.size()) {
          texts(given.get(place), file);
        }
      }
    }

    private void texts(ExpressionTree code, String file) {
      code.accept(
          new TreeScanner<@Nullable Void, @Nullable Void>() {
            @Override
            public @Nullable Void visitLiteral(LiteralTree literal, @Nullable Void none) {
              if (literal.getValue() instanceof String text) {
                found(text);
              }
              return null;
            }

            @Override
            public @Nullable Void visitIdentifier(IdentifierTree name, @Nullable Void none) {
              constant(name.getName().toString());
              return null;
            }

            @Override
            public @Nullable Void visitMemberSelect(MemberSelectTree name, @Nullable Void none) {
              constant(name.getIdentifier().toString());
              return null;
            }

            /** Of this file, else of any. */
            private void constant(String name) {
              Map<String, Set<String>> texts = constants.getOrDefault(name, Map.of());
              Set<String> own = texts.get(file);
              (own != null ? Stream.of(own) : texts.values().stream())
                  .flatMap(Set::stream)
                  .forEach(this::found);
            }

            @Override
            public @Nullable Void visitMethodInvocation(
                MethodInvocationTree call, @Nullable Void none) {
              return null; // what it answers was made elsewhere
            }

            private void found(String text) {
              if (text.matches("[a-z]+(-[a-z0-9]+)*")) {
                made.computeIfAbsent(text, none -> new TreeSet<>()).add(file);
              }
            }
          },
          null);
    }
  }

  private static String name(Tree of) {
    return switch (of) {
      case IdentifierTree simple -> simple.getName().toString();
      case MemberSelectTree select -> select.getIdentifier().toString();
      case ParameterizedTypeTree generic -> name(generic.getType());
      case AnnotatedTypeTree annotated -> name(annotated.getUnderlyingType());
      default -> of.toString();
    };
  }
}
