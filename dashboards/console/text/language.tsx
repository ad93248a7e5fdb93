import type { Language, LocalText } from "@campus-ops/device-profiles/vocabulary";
import { createContext, type ReactNode, useContext, useEffect, useMemo } from "react";
import { usePreference } from "../shell/preferences.ts";
import { en } from "./en.ts";
import { type Catalogue, zh } from "./zh.ts";

export const CATALOGUES: Readonly<Record<Language, Catalogue>> = { zh, en };

/** BCP 47 tags: the document's language, and what dates and numbers follow. */
export const LOCALES: Readonly<Record<Language, string>> = { zh: "zh-CN", en: "en-GB" };

interface Speech {
  readonly language: Language;
  readonly locale: string;
  readonly t: Catalogue;
  /** Picks a stored text's side. The English one may be empty where only the Chinese was entered. */
  readonly local: (text: LocalText) => string;
}

const SpeechContext = createContext<Speech | undefined>(undefined);

export function localText(text: LocalText, language: Language): string {
  return text[language] === "" ? text.zh : text[language];
}

export function LanguageProvider({ children }: { readonly children: ReactNode }) {
  const [language] = usePreference("language");
  const speech = useMemo<Speech>(
    () => ({
      language,
      locale: LOCALES[language],
      t: CATALOGUES[language],
      local: (text) => localText(text, language),
    }),
    [language],
  );
  useEffect(() => {
    document.documentElement.lang = speech.locale;
  }, [speech.locale]);
  return <SpeechContext value={speech}>{children}</SpeechContext>;
}

export function useSpeech(): Speech {
  const speech = useContext(SpeechContext);
  if (speech === undefined) throw new Error("useSpeech needs a LanguageProvider above it");
  return speech;
}

/** The texts of one page, which come with it: the duty desk's first load does not carry them. */
export function useWords<T>(words: Readonly<Record<Language, T>>): T {
  return words[useSpeech().language];
}
