import { testGroup } from "../live/group.ts";
import { describeLive } from "./proven.ts";

describeLive("a group that is tracked with uffd-wp", () => testGroup("uffd-wp"));
