import { t } from "@/strings";
import { Banner } from "@/ui/states";
import { CHANNELS, KINDS, type Notices, emergenciesUnheard, withKind } from "./notices";

/** What each channel tells of. */
export function Kinds({ value, onChange }: { value: Notices; onChange: (value: Notices) => void }) {
  return (
    <section className="part" aria-labelledby="kinds-heading">
      <h2 id="kinds-heading">{t.notifications.kinds}</h2>
      <p className="quiet">{t.notifications.kindsAbout}</p>
      {emergenciesUnheard(value) && (
        <Banner tone="attention" alert>
          {t.notifications.unheard}
        </Banner>
      )}
      <table className="notices-kinds">
        <thead>
          <tr>
            <th scope="col">{t.notifications.kindOf}</th>
            {CHANNELS.map((channel) => (
              <th key={channel} scope="col">
                {t.notifications.channel[channel].short}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {KINDS.map((kind) => (
            <tr key={kind}>
              <th scope="row">{t.notifications.kind[kind]}</th>
              {CHANNELS.map((channel) => (
                <td key={channel} data-off={!value.on[channel] || undefined}>
                  <label className="check">
                    <input
                      type="checkbox"
                      aria-label={t.notifications.kindBy(
                        t.notifications.kind[kind],
                        t.notifications.channel[channel].short,
                      )}
                      checked={!value.muted[channel].includes(kind)}
                      onChange={(event) =>
                        onChange({
                          ...value,
                          muted: {
                            ...value.muted,
                            [channel]: withKind(value.muted[channel], kind, event.target.checked),
                          },
                        })
                      }
                    />
                  </label>
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
