// typedoc calls an argument that is taken apart `__namedParameters`: here it is what it is called in the house
import { Converter, ReflectionKind } from "typedoc";

export function load({ converter }) {
  converter.on(Converter.EVENT_RESOLVE_END, ({ project }) => {
    for (const parameter of project.getReflectionsByKind(ReflectionKind.Parameter)) {
      if (parameter.name === "__namedParameters") parameter.name = parameter.defaultValue ? "options" : "parts";
    }
    for (const module of project.getReflectionsByKind(ReflectionKind.Module)) {
      module.name = module.name.replace(/^lib\/src/, "movie-revenue");
    }
  });
}
