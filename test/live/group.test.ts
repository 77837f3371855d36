import { testGroup } from "./group.ts";

testGroup("soft-dirty");
