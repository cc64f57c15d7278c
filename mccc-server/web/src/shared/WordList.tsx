import { Plus, X } from "lucide-react";
import { useRef, useState } from "react";
import { t } from "@/strings";
import { Button, Field, Input } from "@/ui/controls";

/** Short words in a list: each can be taken out, and new ones added, several at once with commas between. */
export function WordList(props: {
  label: string;
  help?: string;
  words: readonly string[];
  onChange: (words: string[]) => void;
}) {
  const [text, setText] = useState("");
  const field = useRef<HTMLInputElement>(null);
  const add = () => {
    const known = new Set(props.words.map((word) => word.toLowerCase()));
    const fresh = text
      .split(",")
      .map((word) => word.trim())
      .filter((word) => word !== "" && !known.has(word.toLowerCase()) && known.add(word.toLowerCase()));
    if (fresh.length > 0) props.onChange([...props.words, ...fresh]);
    setText("");
    field.current?.focus();
  };
  return (
    <div className="field">
      <Field label={props.label} help={props.help}>
        {(ids) => (
          <div className="words-add">
            <Input
              {...ids}
              ref={field}
              value={text}
              onChange={(event) => setText(event.target.value)}
              onKeyDown={(event) => {
                if (event.key !== "Enter") return;
                event.preventDefault();
                add();
              }}
            />
            <Button aria-label={t.words.add(props.label)} onClick={add} disabled={text.trim() === ""}>
              <Plus size={16} aria-hidden="true" />
              {t.words.addShort}
            </Button>
          </div>
        )}
      </Field>
      {props.words.length > 0 && (
        <ul className="words" aria-label={props.label}>
          {props.words.map((word) => (
            <li key={word} className="word">
              {word}
              <Button
                look="quiet"
                iconOnly
                aria-label={t.words.remove(word)}
                onClick={() => {
                  props.onChange(props.words.filter((one) => one !== word));
                  field.current?.focus();
                }}
              >
                <X size={14} aria-hidden="true" />
              </Button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
