/*! Licences of the bundled packages: THIRD_PARTY_LICENSES.txt */
import{a as e}from"./rolldown-runtime.js";import{Fr as t,Ir as n,Q as r,Sn as i,Ta as a,_i as o,fa as s,fn as c,ln as l,oa as u}from"./shared.js";import{h as d}from"./graphiql.js";function f(e,t={getInitialValueInEffect:!0}){let r=o(e,t),{colorScheme:i}=n();return i===`auto`?r:i}var p=e(a(),1),m={kind:`Document`,definitions:[{kind:`OperationDefinition`,operation:`query`,name:{kind:`Name`,value:`Explorer`},selectionSet:{kind:`SelectionSet`,selections:[{kind:`Field`,name:{kind:`Name`,value:`allChannels`},selectionSet:{kind:`SelectionSet`,selections:[{kind:`Field`,name:{kind:`Name`,value:`id`}},{kind:`Field`,name:{kind:`Name`,value:`cid`}},{kind:`Field`,name:{kind:`Name`,value:`type`}},{kind:`Field`,name:{kind:`Name`,value:`name`}},{kind:`Field`,name:{kind:`Name`,value:`avatar`}}]}}]}}]},h=`application/graphql-response+json, application/json;q=0.9`;function g(e,t){return async(n,r)=>{let i=new Headers({Accept:h,"Content-Type":`application/json`});t!==null&&i.set(`Authorization`,`Bearer ${t}`);for(let[e,t]of Object.entries(r?.headers??{}))i.set(e,String(t));let a=JSON.stringify(_(n)),o;try{o=await fetch(e,{method:`POST`,headers:i,body:a,cache:`no-store`})}catch{return v(`The server cannot be reached.`)}let s=await o.text();try{return JSON.parse(s)}catch{return v(`The server answered ${o.status} ${o.statusText}, and not in JSON.`,s)}}}function _(e){let t;try{t=u(e.query,{noLocation:!0}).definitions.filter(e=>e.kind===s.OPERATION_DEFINITION).map(e=>e.name?.value)}catch{return e}if(!e.operationName||t.includes(e.operationName))return e;let{operationName:n,...r}=e;return t[0]===void 0?r:{...r,operationName:t[0]}}function v(e,t){return{errors:[{message:e,extensions:t?{body:t.slice(0,1e3)}:{}}]}}var y=`explorer-demo`;function b(e){return[{query:`# Lists all channels, ordered by name.
query AllChannels {
  allChannels {
    id
    cid
    type
    name
    avatar
  }
}
`},{query:`# Creates the channel, or updates it.
mutation CreateChannel($input: CreateOrUpdateStreamChatChanelInput!) {
  createOrUpdateChannel(input: $input)
}
`,variables:x({input:{id:y,name:`Explorer demo`,type:`Livestream`}})},{query:`# Sends a message to a channel, in your name.
mutation SendMessage($input: SendMessageToChannelChanelInput!) {
  sendMessageToChannel(input: $input)
}
`,variables:x({input:{channelId:y,text:`Important announcement for all users!`,attachments:[{title:`Event Image`,assetUrl:`https://example.com/images/event.jpg`}],mentionedUsersIds:[],type:`Livestream`}})},{query:`# Sets a user's role: USER, MODERATOR or ADMIN.
mutation SetRole($input: UpdateUsersChatRoleInput!) {
  setRoleToUsersOnChat(input: $input)
}
`,variables:x({input:{userId:e,role:`MODERATOR`}})},{query:`# Deletes channels, with all their messages.
mutation DeleteChannels($input: DeleteStreamChatChanelInput!) {
  deleteChannels(input: $input)
}
`,variables:x({input:{cids:[`livestream:${y}`]}})}]}function x(e){return JSON.stringify(e,null,2)}var S=t();function C(){let{t:e}=i(`explorer`),{token:t,holder:n}=l(),a=(0,p.useMemo)(()=>g(`/graphql`,t),[t]),[o]=(0,p.useState)(()=>b(n?.id||`user1`)),s=(0,p.useRef)(null);w(s);let u=f(`light`,{getInitialValueInEffect:!1});return(0,S.jsx)(r,{title:e(`title`),note:e(`note`),operations:[{document:m}],fill:!0,children:(0,S.jsx)(`div`,{ref:s,className:`bc-explorer`,dir:`ltr`,lang:`en`,children:(0,S.jsx)(d,{fetcher:a,storage:c,forcedTheme:u,defaultTabs:o,defaultEditorToolsVisibility:`variables`,shouldPersistHeaders:!1,inputValueDeprecation:!0,schemaDescription:!0,children:(0,S.jsx)(d.Logo,{children:null})})})})}function w(e){(0,p.useEffect)(()=>{let t=()=>{for(let t of e.current?.querySelectorAll(`.CodeMirror textarea:not([aria-label])`)??[])t.setAttribute(`aria-label`,t.closest(`section[aria-label]`)?.getAttribute(`aria-label`)??`Editor`);for(let t of e.current?.querySelectorAll(`.CodeMirror-scroll[tabindex="-1"]`)??[])t.setAttribute(`tabindex`,`0`);for(let t of e.current?.querySelectorAll(`.graphiql-tab[aria-selected]`)??[])t.querySelector(`.graphiql-tab-button`)?.setAttribute(`aria-pressed`,t.getAttribute(`aria-selected`)??`false`),t.removeAttribute(`aria-selected`),t.removeAttribute(`role`),t.parentElement?.removeAttribute(`role`)},n=new MutationObserver(t);return e.current!==null&&n.observe(e.current,{childList:!0,subtree:!0,attributeFilter:[`aria-selected`]}),t(),()=>n.disconnect()},[e])}export{C as default};