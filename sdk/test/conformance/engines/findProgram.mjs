/** A variable and names in; the path of the first program there is out, or an EngineMissing that says how to get it. */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** This engine is not on this machine. */
export class EngineMissing extends Error {}

export function findProgram(variable, names, remedy) {
  const given = process.env[variable];
  const folders = (process.env.PATH ?? '').split(delimiter);
  const files = given ? [given] : names.flatMap((name) => folders.map((folder) => join(folder, name)));
  const file = files.find(isExecutable);
  if (file) return file;
  throw new EngineMissing(
    given ? `${variable} is ${given}, which cannot be run` : `there is no ${names.join(' or ')}: ${remedy}`,
  );
}

function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
